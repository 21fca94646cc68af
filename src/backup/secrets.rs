//! Secrets in rows: a backup has them in the clear within its seal, so that an instance with another master key can read
//! them.

use crate::kit::{
    db::table::{Row, Table},
    id::TenantId,
    secret::MasterKey,
};
use anyhow::{Context, anyhow};
use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::Value;
use zeroize::Zeroizing;

/// Columns with sealed values, and for what these are sealed: `{tenant}` is the tenant's id, and the others are columns of
/// the row. What is sealed for nothing is worth nothing elsewhere, and left out.
const SEALED: [(&str, &str, Option<&str>); 6] = [
    ("signing_key", "sealed_private", Some("signing-key/{tenant}/{kid}")),
    ("sender", "password_sealed", Some("sender/{tenant}/snd_{id}")),
    ("provider", "client_secret_sealed", Some("provider/{tenant}/idp_{id}")),
    (
        "dkim_key",
        "private_sealed",
        Some("dkim-key/{tenant}/snd_{sender_id}/{selector}"),
    ),
    ("bounce_secret", "sealed", Some("bounce/{tenant}/sec_{id}")),
    // Mail that was kept instead of being sent.
    ("message", "sealed_content", None),
];

/// The setting with a sealed value, where that is, and for what it is sealed.
const SETTING: (&str, &[&str], &str) = ("captcha", &["secret", "sealed"], "captcha/{tenant}");

/// Whether a column of a table has sealed values.
pub(super) fn is_sealed(table: &str, column: &str) -> bool {
    SEALED.iter().any(|(of, name, _)| (*of, *name) == (table, column))
}

/// Opens the sealed values of a row.
///
/// # Errors
/// One does not open; the text says in which table and column.
pub(super) fn open(master: &MasterKey, tenant: TenantId, table: &Table, row: &mut Row) -> anyhow::Result<()> {
    change(tenant, table, row, |context, sealed| {
        let plain = master.open(context, sealed);
        Ok(plain
            .with_context(|| format!("a secret of the table {}", table.name))?
            .to_vec())
    })
}

/// Seals them anew.
///
/// # Errors
/// The row is not as backups have them.
pub(super) fn seal(master: &MasterKey, tenant: TenantId, table: &Table, row: &mut Row) -> anyhow::Result<()> {
    change(tenant, table, row, |context, plain| Ok(master.seal(context, plain)))
}

fn change(
    tenant: TenantId,
    table: &Table,
    row: &mut Row,
    f: impl Fn(&str, &[u8]) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<()> {
    for (_, column, context) in SEALED.iter().filter(|(of, ..)| *of == table.name) {
        let place = table.place(column).context("a column with secrets")?;
        let changed = match (&row[place], context) {
            // Of a key that was destroyed, nothing is left.
            (Value::Bytes(Some(sealed)), Some(context)) if !sealed.is_empty() => {
                let context = filled(context, tenant, table, row)?;
                Some(f(&context, &Zeroizing::new(sealed.clone()))?)
            }
            (Value::Bytes(Some(_)), None) => None,
            _ => continue,
        };
        row[place] = changed.into();
    }
    match table.name.as_str() {
        "setting" => change_setting(tenant, table, row, f),
        _ => Ok(()),
    }
}

fn change_setting(
    tenant: TenantId,
    table: &Table,
    row: &mut Row,
    f: impl Fn(&str, &[u8]) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<()> {
    let (name, path, context) = SETTING;
    let place = |column| table.place(column).context("a column of settings");
    if !matches!(&row[place("name")?], Value::String(Some(is)) if *is == name) {
        return Ok(());
    }
    let context = filled(context, tenant, table, row)?;
    let at = place("value")?;
    let Value::Json(Some(value)) = &mut row[at] else {
        return Ok(());
    };
    let inner = path
        .iter()
        .try_fold(&mut **value, |value, member| value.get_mut(*member));
    if let Some(inner) = inner
        && let Some(text) = inner.as_str()
    {
        let bytes = Zeroizing::new(STANDARD.decode(text).context("the secret of a setting")?);
        *inner = STANDARD.encode(f(&context, &bytes)?).into();
    }
    Ok(())
}

fn filled(context: &str, tenant: TenantId, table: &Table, row: &Row) -> anyhow::Result<String> {
    let mut text = context.replace("{tenant}", &tenant.to_string());
    for (column, value) in table.columns.iter().zip(row) {
        let place = format!("{{{}}}", column.name);
        if text.contains(&place) {
            let value = match value {
                Value::Uuid(Some(id)) => id.simple().to_string(),
                Value::String(Some(name)) => name.clone(),
                _ => return Err(anyhow!("{} is no name", column.name)),
            };
            text = text.replace(&place, &value);
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{
        clock::Clock,
        db::{self, Fate, Mode, Scratch, TENANT_TABLES},
    };

    #[tokio::test]
    async fn every_sealed_column_that_is_carried_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let scratch = Scratch::create(directory.path(), db::steps().len(), Clock::manual());
        let scratch = scratch.await.unwrap();
        let mut found = 0;
        for (name, fate) in TENANT_TABLES {
            let table = scratch.run(Mode::Read, async |tx| Table::describe(tx, name).await);
            let is_carried = !matches!(fate, Fate::Dropped | Fate::Kept);
            for column in table.await.unwrap().columns {
                if column.name.contains("sealed") && is_carried {
                    assert!(is_sealed(name, &column.name), "{name}.{}", column.name);
                    found += 1;
                }
            }
        }
        assert_eq!(found, SEALED.len());
    }

    #[test]
    fn a_row_is_sealed_as_its_owner_seals_it() {
        let master = MasterKey::parse(&MasterKey::generate()).unwrap();
        let tenant = TenantId(uuid::Uuid::from_u128(7));
        let id = uuid::Uuid::from_u128(9);
        let column = |name: &str, kind| db::table::Column {
            name: name.to_owned(),
            kind,
        };
        let table = Table {
            name: "sender".to_owned(),
            columns: vec![
                column("id", db::table::Type::Uuid),
                column("password_sealed", db::table::Type::Bytes),
            ],
            key: vec![0],
        };
        let context = format!("sender/{tenant}/snd_{}", id.simple());
        let sealed = master.seal(&context, b"hush");
        let mut row: Row = vec![Some(id).into(), Some(sealed).into()];
        open(&master, tenant, &table, &mut row).unwrap();
        assert_eq!(row[1], Some(b"hush".to_vec()).into());
        seal(&master, tenant, &table, &mut row).unwrap();
        let Value::Bytes(Some(again)) = &row[1] else {
            panic!("{:?}", row[1]);
        };
        assert_eq!(*master.open(&context, again).unwrap(), b"hush");
        assert!(open(&master, TenantId(id), &table, &mut row).is_err());
    }
}
