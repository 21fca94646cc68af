//! What a restore would do.

use super::load::Loaded;
use crate::{
    audit,
    kit::{
        db::{
            Fate, Mode, TENANT_TABLES, Tx,
            table::{self, Row, Table},
        },
        error::{Code, Result},
        secret::MasterKey,
    },
};
use sea_orm::{ConnectionTrait, Value};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Names that are listed of many.
const LISTED: usize = 100;

/// What a restore would do to the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows of each table that is put back: now and then.
    pub tables: Vec<(&'static str, u64, u64)>,
    /// Users who would be there again.
    pub added: Names,
    /// Users who would be gone.
    pub removed: Names,
    /// Users who would have a role that they do not have now, those who would be there again among them.
    pub gainers: Names,
    /// Events of the audit trail since the file was made: what they tell of would be undone.
    pub events_since: u64,
}

/// Names, as far as they are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The first of them, by name.
    pub names: Vec<String>,
    /// How many there are.
    pub count: u64,
}

impl From<BTreeSet<String>> for Names {
    fn from(all: BTreeSet<String>) -> Self {
        Self {
            count: all.len() as u64,
            names: all.into_iter().take(LISTED).collect(),
        }
    }
}

/// What it would do.
///
/// # Errors
/// The database's.
pub async fn report(tx: &Tx, loaded: &Loaded) -> Result<Report> {
    let carried = TENANT_TABLES.iter().filter(|(_, fate)| *fate == Fate::Carried);
    let names: Vec<_> = carried.map(|(name, _)| *name).collect();
    let of_file = |name: &str| {
        let tables = &loaded.checked.manifest.tables;
        let table = tables.iter().find(|table| table.name == name);
        table.map_or(0, |table| table.rows)
    };
    let counts = table::counts(tx, &names).await?;
    let tables = names.iter().zip(counts).map(|(name, now)| (*name, now, of_file(name)));
    let tables = tables.collect();
    let now = People::read(tx).await?;
    let then = loaded
        .scratch
        .run(Mode::Read, async |tx| People::read(tx).await)
        .await?;
    let gains = |id: &Uuid| {
        let had = now.roles.get(id);
        let roles = then.roles.get(id).into_iter().flatten();
        roles.into_iter().any(|role| !had.is_some_and(|had| had.contains(role)))
    };
    let head = loaded.checked.begin.audit_head.split(':').next();
    let head: i64 = head.and_then(|number| number.parse().ok()).unwrap_or_default();
    Ok(Report {
        tables,
        added: then.names_but(&now).into(),
        removed: now.names_but(&then).into(),
        gainers: then
            .names
            .iter()
            .filter(|(id, _)| gains(id))
            .map(|(_, name)| name.clone())
            .collect::<BTreeSet<_>>()
            .into(),
        events_since: u64::try_from(audit::last(tx).await? - head).unwrap_or_default(),
    })
}

/// The trail of a tenant that was read: it has the head that a file was made at. Its head then.
pub struct Past(String);

impl Past {
    /// Holds that the file is of this tenant, and of what was here. The whole trail is read: nobody should wait for it.
    ///
    /// # Errors
    /// [`Code::BackupOfAnotherPast`].
    pub async fn read(tx: &Tx, master: &MasterKey, loaded: &Loaded) -> Result<Self> {
        let verdict = audit::verify(tx, master, Some(&loaded.checked.begin.audit_head)).await?;
        match loaded.tenant == tx.tenant() && verdict.is_intact() {
            true => Ok(Self(verdict.head)),
            false => Err(Code::BackupOfAnotherPast.into()),
        }
    }

    /// Holds that what is here goes on from it.
    ///
    /// # Errors
    /// [`Code::BackupOfAnotherPast`].
    pub(super) async fn check(&self, tx: &Tx) -> Result<()> {
        match audit::has_head(tx, &self.0).await? {
            true => Ok(()),
            false => Err(Code::BackupOfAnotherPast.into()),
        }
    }
}

/// The users of a tenant, and what roles they have.
#[derive(Default)]
struct People {
    names: BTreeMap<Uuid, String>,
    roles: BTreeMap<Uuid, BTreeSet<String>>,
}

impl People {
    async fn read(db: &impl ConnectionTrait) -> Result<Self> {
        let mut people = Self::default();
        let users = Table::describe(db, "user").await?;
        users
            .each(db, |row| {
                if let (Some(id), Some(name)) = (id_in(&users, &row, "id"), text_in(&users, &row, "name")) {
                    people.names.insert(id, name);
                }
            })
            .await?;
        let roles = Table::describe(db, "user_role").await?;
        roles
            .each(db, |row| {
                if let (Some(id), Some(role)) = (id_in(&roles, &row, "user_id"), text_in(&roles, &row, "role")) {
                    people.roles.entry(id).or_default().insert(role);
                }
            })
            .await?;
        Ok(people)
    }

    /// The names of those who are not among the others.
    fn names_but(&self, others: &Self) -> BTreeSet<String> {
        let only = self.names.iter().filter(|(id, _)| !others.names.contains_key(id));
        only.map(|(_, name)| name.clone()).collect()
    }
}

fn id_in(table: &Table, row: &Row, column: &str) -> Option<Uuid> {
    match row.get(table.place(column)?)? {
        Value::Uuid(id) => *id,
        _ => None,
    }
}

fn text_in(table: &Table, row: &Row, column: &str) -> Option<String> {
    match row.get(table.place(column)?)? {
        Value::String(text) => text.clone(),
        _ => None,
    }
}
