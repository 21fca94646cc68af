//! Putting what a file has in the place of what a tenant has: in one transaction, or not at all.
//!
//! What was ended since stays so: sessions are over unless they are to be kept, whoever is disabled now is so then, and a secret or consent that was
//! withdrawn does not come back. Where a restore is undone, all is as it was. The audit trail, the log of mail and the keys
//! are no part of what is put back.

use super::{load::Loaded, report::Past};
use crate::{
    content, key,
    kit::{
        db::{
            Fate, Mode, SystemTx, TENANT_TABLES, Tx,
            table::{self, Row, Table},
        },
        error::Result,
        id::UploadId,
        text::TenantName,
        total,
    },
    notification::{self, Event, Notice},
    user,
};
use sea_orm::Value;
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Rows that may have been withdrawn, and whose they are: one that is gone while that is there does not come back.
const WITHDRAWN: [(&str, &str, &str); 3] = [
    ("application_secret", "application", "application_id"),
    ("resource_server_secret", "resource_server", "resource_server_id"),
    ("consent", "user", "user_id"),
];

/// Rows that are written at once.
const ROWS: usize = 500;

/// Where a file is restored.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The address of the tenant.
    pub url: &'a str,
    /// What its trail goes on from; nothing if the tenant has nothing yet.
    pub past: Option<&'a Past>,
    /// What a copy of the tenant is called, which has a history and keys of its own.
    pub copy: Option<&'a TenantName>,
    /// Whether sessions go on: in its own place those of now, elsewhere those of the file.
    pub keeps_sessions: bool,
    /// Whether all is to be as it was: it is what there was before a restore.
    pub undoes: bool,
    /// What was announced of its contents.
    pub announced: &'a [UploadId],
    /// What the store of files is called in rows.
    pub store: &'a str,
}

/// Puts what was loaded in the place of what the tenant has.
///
/// # Errors
/// [`crate::kit::error::Code::BackupOfAnotherPast`] if the tenant's trail does not go on from that past, and the database's.
pub async fn put(tx: &Tx, loaded: &Loaded, target: Target<'_>) -> Result<u64> {
    let mut now = Now::default();
    if let Some(past) = target.past {
        tx.lock("policy").await?;
        tx.lock("blob").await?;
        past.check(tx).await?;
        now = Now::read(tx).await?;
        if target.undoes {
            now.pass_over_ended();
        }
    }
    content::settle_all(tx, target.announced).await?;
    let held = match (target.keeps_sessions, target.past) {
        (true, Some(_)) => Held::read(tx).await?,
        _ => Held::default(),
    };
    clear(tx).await?;
    let mut putting = Putting {
        now,
        from: &loaded.checked.opened.header.instance.public_url,
        target,
        at: tx.now.into(),
        contents: HashSet::new(),
        bytes: 0,
    };
    let mut rows = 0;
    for (name, fate) in TENANT_TABLES {
        let is_put = match fate {
            Fate::Carried => true,
            Fate::Recorded => target.past.is_none() && target.copy.is_none(),
            Fate::Sessions => target.keeps_sessions && target.past.is_none() && target.copy.is_none(),
            Fate::Dropped | Fate::Kept => false,
        };
        if is_put {
            rows += putting.copy(tx, loaded, name).await?;
        }
    }
    putting.settle(tx).await?;
    held.put(tx).await?;
    let checked = &loaded.checked;
    let header = &checked.opened.header;
    let restored = json!({
        "backup": header.id,
        "tenant": header.tenant.id,
        "of": checked.begin.snapshot_at,
        "auditHead": checked.begin.audit_head,
        "rows": rows,
    });
    let name = target.copy.map_or(&*header.tenant.name, TenantName::as_str);
    tx.changed("tenant", &name, json!(null), restored);
    // Whoever looks after it from now on: of one that is new there is nothing to tell.
    if target.past.is_some() {
        let notice = Notice::of(Event::Restored, checked.begin.snapshot_at.clone());
        notification::tell(tx, &notice).await?;
    }
    Ok(rows)
}

/// Removes what is put back, and what is worth nothing without it.
async fn clear(tx: &Tx) -> Result<()> {
    for (name, fate) in TENANT_TABLES.iter().rev() {
        if matches!(fate, Fate::Carried | Fate::Sessions | Fate::Dropped) {
            table::clear(tx, name).await?;
        }
    }
    Ok(())
}

/// What the tenant has before, as far as it counts afterwards.
#[derive(Default)]
struct Now {
    /// Keys of rows, by the table.
    keys: HashMap<&'static str, HashSet<String>>,
    disabled: HashSet<String>,
    policy: i64,
}

impl Now {
    async fn read(tx: &Tx) -> Result<Self> {
        let mut now = Self {
            policy: total::read(tx, total::POLICY).await?,
            ..Self::default()
        };
        let of_withdrawn = WITHDRAWN.iter().flat_map(|(table, whose, _)| [*table, *whose]);
        for name in of_withdrawn.chain(["blob"]) {
            let table = Table::describe(tx, name).await?;
            let mut keys = HashSet::new();
            table
                .each(tx, |row| {
                    let key = key_of(&table, &row);
                    if name == "user" && is(&table, &row, "disabled", &true.into()) {
                        now.disabled.insert(key.clone());
                    }
                    keys.insert(key);
                })
                .await?;
            now.keys.insert(name, keys);
        }
        Ok(now)
    }

    /// What was ended is not held against what comes: a restore did that, and it is undone.
    fn pass_over_ended(&mut self) {
        self.disabled.clear();
        for (_, whose, _) in WITHDRAWN {
            self.keys.remove(whose);
        }
    }

    fn has(&self, table: &str, key: &str) -> bool {
        self.keys.get(table).is_some_and(|keys| keys.contains(key))
    }

    /// Whether this row was withdrawn since.
    fn has_withdrawn(&self, table: &Table, row: &Row) -> bool {
        WITHDRAWN.iter().any(|(of, whose, column)| {
            *of == table.name
                && !self.has(of, &key_of(table, row))
                && table
                    .place(column)
                    .is_some_and(|at| self.has(whose, &text_of(&row[at])))
        })
    }
}

/// The sessions of a tenant, while its users are put anew.
#[derive(Default)]
struct Held(Vec<(Table, Vec<Row>)>);

impl Held {
    async fn read(tx: &Tx) -> Result<Self> {
        let mut held = vec![];
        for (name, _) in TENANT_TABLES.iter().filter(|(_, fate)| *fate == Fate::Sessions) {
            let (table, mut rows) = (Table::describe(tx, name).await?, vec![]);
            table.each(tx, |row| rows.push(row)).await?;
            held.push((table, rows));
        }
        Ok(Self(held))
    }

    /// Puts back those whose user and application there still are, and what hangs from them.
    async fn put(self, tx: &Tx) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut there: HashMap<&str, HashSet<String>> = HashMap::new();
        for (column, name) in [("user_id", "user"), ("application_id", "application")] {
            let (table, keys) = (Table::describe(tx, name).await?, there.entry(column).or_default());
            let note = |row: Row| {
                keys.insert(key_of(&table, &row));
            };
            table.each(tx, note).await?;
        }
        for (table, mut rows) in self.0 {
            // A session of an application hangs from that of a browser, and tokens from either.
            let kept = |row: &Row, column: &str, keys: &HashSet<String>| {
                table
                    .place(column)
                    .is_none_or(|at| row[at] == row[at].as_null() || keys.contains(&text_of(&row[at])))
            };
            rows.retain(|row| there.iter().all(|(column, keys)| kept(row, column, keys)));
            if table.name == "session" {
                let sessions: HashSet<_> = rows.iter().map(|row| key_of(&table, row)).collect();
                rows.retain(|row| kept(row, "parent_id", &sessions));
                let sessions = rows.iter().map(|row| key_of(&table, row)).collect();
                there.insert("session_id", sessions);
            }
            for rows in rows.chunks(ROWS) {
                table.insert(tx, rows.to_vec()).await?;
            }
        }
        Ok(())
    }
}

/// Rows on their way.
struct Putting<'a> {
    now: Now,
    target: Target<'a>,
    /// The address that the tenant had.
    from: &'a str,
    at: Value,
    /// The contents of files that there are then.
    contents: HashSet<String>,
    bytes: i64,
}

impl Putting<'_> {
    /// Copies a table, and answers how many rows it has.
    async fn copy(&mut self, tx: &Tx, loaded: &Loaded, name: &'static str) -> Result<u64> {
        let from = &loaded.scratch;
        let described = async |from: &SystemTx| Table::describe(from, name).await;
        let table = from.run(Mode::Read, described).await?;
        let (mut rows, mut last) = (0, None);
        loop {
            let next = async |from: &SystemTx| table.page(from, last.as_ref()).await;
            let page = from.run(Mode::Read, next).await?;
            let Some(row) = page.last() else { return Ok(rows) };
            last = Some(row.clone());
            let page: Vec<_> = page.into_iter().filter_map(|row| self.changed(&table, row)).collect();
            rows += page.len() as u64;
            table.insert(tx, page).await?;
        }
    }

    /// A row as it is put; none if it does not come back.
    fn changed(&mut self, table: &Table, mut row: Row) -> Option<Row> {
        if self.now.has_withdrawn(table, &row) {
            return None;
        }
        let set = |row: &mut Row, column: &str, value: Value| {
            if let Some(at) = table.place(column) {
                row[at] = value;
            }
        };
        let is_among = |states: &[&str]| states.iter().any(|state| is(table, &row, "state", &text(state)));
        match table.name.as_str() {
            "user" => {
                if self.now.disabled.contains(&key_of(table, &row)) {
                    set(&mut row, "disabled", true.into());
                }
                if let Some(picture) = self.moved(table, &row, "avatar") {
                    set(&mut row, "avatar", picture);
                }
            }
            // Nothing of it is begun here: nobody gets a mail twice.
            "job" if is_among(&["queued"]) => {
                set(&mut row, "state", text("failed"));
                set(&mut row, "finished_at", self.at.clone());
            }
            "message" if is_among(&["queued", "sending", "deferred"]) => set(&mut row, "state", text("failed")),
            "blob" => {
                self.contents.insert(key_of(table, &row));
                if let Some(Value::BigInt(Some(size))) = table.place("size").map(|at| &row[at]) {
                    self.bytes += size;
                }
                set(&mut row, "store", text(self.target.store));
            }
            _ => {}
        }
        Some(row)
    }

    /// An address of the tenant, as it is here.
    fn moved(&self, table: &Table, row: &Row, column: &str) -> Option<Value> {
        let Value::String(Some(address)) = &row[table.place(column)?] else {
            return None;
        };
        let path = address.strip_prefix(self.from).filter(|path| path.starts_with('/'))?;
        Some(text(&format!("{}{path}", self.target.url)))
    }

    /// Has what follows from the rows, but is in others.
    async fn settle(self, tx: &Tx) -> Result<()> {
        let coming = content::coming_bytes(tx).await?;
        total::set(tx, total::ATTACHMENT_BYTES, self.bytes + coming).await?;
        // What is kept of roles is kept by this number, which was given out before.
        let policy = total::read(tx, total::POLICY).await?.max(self.now.policy) + 1;
        total::set(tx, total::POLICY, policy).await?;
        let before = self.now.keys.get("blob").into_iter().flatten();
        let gone = before.filter(|sha256| !self.contents.contains(*sha256));
        let gone: Vec<_> = gone.cloned().collect();
        content::remove_contents(tx, &gone).await?;
        user::move_pictures(tx).await?;
        super::reschedule(tx).await?;
        key::reschedule(tx).await
    }
}

fn text(text: &str) -> Value {
    text.to_owned().into()
}

fn is(table: &Table, row: &Row, column: &str, value: &Value) -> bool {
    table.place(column).is_some_and(|at| row[at] == *value)
}

/// The primary key of a row as a text.
fn key_of(table: &Table, row: &Row) -> String {
    let parts: Vec<_> = table.key.iter().map(|at| text_of(&row[*at])).collect();
    parts.join("\n")
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Uuid(Some(id)) => id.simple().to_string(),
        Value::String(Some(text)) => text.clone(),
        other => format!("{other:?}"),
    }
}
