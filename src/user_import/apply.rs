//! What becomes of rows: their users are added, are there already, or are rejected.

use super::{Rejection, entity::key, reading::Found, row::Rules};
use crate::{
    access::Authority,
    email,
    kit::{
        db::Tx,
        error::{Code, Error, FieldError, Result},
        id::{UserId, UserImportId},
        secret::MasterKey,
        total,
    },
    quota::{self, Quota},
    user::{self, Incoming},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeSet, HashMap};

/// What came of some rows.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) rows: i64,
    pub(super) created: i64,
    pub(super) unchanged: i64,
    pub(super) rejected: i64,
    pub(super) rejections: Vec<Rejection>,
}

/// Who is there, as far as the rows could be the same: in the database, and of the rows before.
#[derive(Default)]
struct Taken {
    /// The address of each name.
    names: HashMap<String, String>,
    /// The name of each proven address.
    proven: HashMap<String, String>,
    /// The name of each id.
    ids: HashMap<String, String>,
}

/// What a row comes to.
enum Verdict {
    Created,
    Unchanged,
    Rejected(Vec<FieldError>),
}

/// Does what these rows ask for; in a dry run it says what that would be.
pub(super) async fn apply(
    tx: &Tx,
    master: &MasterKey,
    authority: &Authority,
    (import, dry_run): (UserImportId, bool),
    rows: Vec<(u64, Found)>,
) -> Result<Done> {
    let rules = Rules { now: tx.now, master };
    let rows = rows.into_iter().map(|(place, found)| {
        let name = found.as_ref().ok().and_then(|row| row.name.clone());
        (place, name, found.and_then(|row| row.accept(&rules)))
    });
    let rows: Vec<_> = rows.collect();
    let users: Vec<&Incoming> = rows.iter().filter_map(|(.., user)| user.as_ref().ok()).collect();
    let taken = taken(tx, import, dry_run, &users).await?;
    let mut judge = Judge {
        room: room(tx, dry_run.then_some(import)).await?,
        taken,
        roles: HashMap::new(),
        authority,
    };
    let (mut done, mut new) = (Done::default(), vec![]);
    for (place, name, user) in rows {
        done.rows += 1;
        let verdict = match &user {
            Ok(user) => judge.judge(user).await?,
            Err(wrong) => Verdict::Rejected(wrong.clone()),
        };
        match (verdict, user) {
            (Verdict::Created, Ok(user)) => {
                done.created += 1;
                new.push(user);
            }
            (Verdict::Rejected(wrong), _) => {
                done.rejected += 1;
                let each = wrong
                    .into_iter()
                    .map(|wrong| rejection(import, (place, name.as_deref()), wrong));
                done.rejections.extend(each);
            }
            _ => done.unchanged += 1,
        }
    }
    match (new.is_empty(), dry_run) {
        (true, _) => {}
        (false, true) => note(tx, import, &new).await?,
        (false, false) => {
            user::add_all(tx, new).await?;
            if let Some(limit) = quota::limit(tx, Quota::Users).await? {
                quota::note(tx, Quota::Users, limit, user::count(tx).await?).await?;
            }
        }
    }
    Ok(done)
}

fn rejection(import_id: UserImportId, (place, name): (u64, Option<&str>), wrong: FieldError) -> Rejection {
    let short = |text: &str| -> String { text.chars().filter(|c| *c != '\0').take(200).collect() };
    Rejection {
        import_id,
        number: 0,
        place: i64::try_from(place).unwrap_or(i64::MAX),
        name: name.map(short).filter(|name| !name.is_empty()),
        field: Some(short(&wrong.field)).filter(|field| !field.is_empty()),
        code: wrong.code,
        message: short(&wrong.detail),
    }
}

/// Users that there is room for; none is without end.
async fn room(tx: &Tx, dry_run: Option<UserImportId>) -> Result<Option<u64>> {
    let Some(limit) = quota::limit(tx, Quota::Users).await? else {
        return Ok(None);
    };
    // Nobody else adds one before the end of the transaction.
    total::add(tx, total::USERS, 0).await?;
    let mut used = user::count(tx).await?;
    if let Some(import) = dry_run {
        used += u64::try_from(super::get(tx, import).await?.counts().0).unwrap_or_default();
    }
    Ok(Some(limit.saturating_sub(used)))
}

async fn taken(tx: &Tx, import: UserImportId, dry_run: bool, users: &[&Incoming]) -> Result<Taken> {
    let names: Vec<String> = users.iter().map(|user| user.new.name.to_string()).collect();
    let ids: Vec<UserId> = users.iter().filter_map(|user| user.id).collect();
    let addresses: BTreeSet<&str> = users.iter().map(|user| user.new.email.key()).collect();
    let mut taken = Taken::default();
    if users.is_empty() {
        return Ok(taken);
    }
    // In one order, so that nobody waits for whoever waits for them.
    for address in &addresses {
        tx.lock(&format!("email/{address}")).await?;
    }
    let addresses: Vec<_> = addresses.into_iter().collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for known in user::known(tx, &names, &ids).await? {
        taken.ids.insert(known.id.to_string(), known.name.clone());
        taken.names.insert(known.name, known.address_key);
    }
    // A name that was given up lately is that of whoever had it.
    for known in user::known_before(tx, &names).await? {
        taken.names.entry(known.name).or_insert(known.address_key);
    }
    for (address, owner) in email::owners(tx, &addresses).await? {
        taken.proven.insert(address, owner.to_string());
    }
    if dry_run {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let keys = names.iter().map(|name| format!("n {name}"));
        let keys = keys.chain(addresses.iter().map(|address| format!("e {address}")));
        let keys = keys.chain(ids.iter().map(|id| format!("i {id}")));
        taken.recall(tx, import, keys.collect()).await?;
    }
    Ok(taken)
}

impl Taken {
    /// What a dry run would have added before.
    async fn recall(&mut self, tx: &Tx, import: UserImportId, keys: Vec<String>) -> Result<()> {
        let found = key::Entity::find()
            .filter(key::Column::ImportId.eq(import))
            .filter(key::Column::Key.is_in(keys));
        for key::Model { key, value, .. } in found.all(tx).await? {
            match key.split_at_checked(2) {
                Some(("n ", name)) => self.names.insert(name.to_owned(), value),
                Some(("e ", address)) => self.proven.insert(address.to_owned(), value),
                Some((_, id)) => self.ids.insert(id.to_owned(), value),
                None => None,
            };
        }
        Ok(())
    }

    fn add(&mut self, user: &Incoming) {
        let (name, address) = (user.new.name.to_string(), user.new.email.key().to_owned());
        if user.new.proven {
            self.proven.insert(address.clone(), name.clone());
        }
        if let Some(id) = user.id {
            self.ids.insert(id.to_string(), name.clone());
        }
        self.names.insert(name, address);
    }
}

/// Keeps what a dry run would have added, for the rows after it.
async fn note(tx: &Tx, import: UserImportId, users: &[Incoming]) -> Result<()> {
    let mut all = Taken::default();
    for user in users {
        all.add(user);
    }
    let of = |kind: &'static str, map: HashMap<String, String>| {
        map.into_iter().map(move |(key, value)| key::ActiveModel {
            import_id: Set(import),
            key: Set(format!("{kind} {key}")),
            value: Set(value),
        })
    };
    let rows = of("n", all.names).chain(of("e", all.proven)).chain(of("i", all.ids));
    key::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Decides what each row comes to.
struct Judge<'a> {
    room: Option<u64>,
    taken: Taken,
    /// Why each set of roles may not be given.
    roles: HashMap<Vec<String>, Option<Vec<FieldError>>>,
    authority: &'a Authority,
}

impl Judge<'_> {
    async fn judge(&mut self, user: &Incoming) -> Result<Verdict> {
        let (name, address) = (user.new.name.to_string(), user.new.email.key());
        let of_id = user.id.and_then(|id| self.taken.ids.get(&id.to_string()));
        match (of_id, self.taken.names.get(&name)) {
            (Some(known), _) if *known == name => return Ok(Verdict::Unchanged),
            (Some(_), _) => {
                let why = "is the id of another user";
                return Ok(Verdict::Rejected(vec![FieldError::new("id", "value", why)]));
            }
            (None, Some(known)) if known == address => return Ok(Verdict::Unchanged),
            (None, Some(_)) => return Ok(rejected("name", Code::UserNameTaken)),
            (None, None) => {}
        }
        if self.taken.proven.contains_key(address) {
            return Ok(rejected("email", Code::EmailTaken));
        }
        if let Some(wrong) = self.may_give(&user.new.roles).await? {
            return Ok(Verdict::Rejected(wrong));
        }
        match &mut self.room {
            Some(0) => return Ok(rejected("", Code::QuotaExceeded)),
            Some(room) => *room -= 1,
            None => {}
        }
        self.taken.add(user);
        Ok(Verdict::Created)
    }

    /// Why these roles may not be given, if so: the rule is that of granting them.
    async fn may_give(&mut self, roles: &[String]) -> Result<Option<Vec<FieldError>>> {
        if roles.is_empty() {
            return Ok(None);
        }
        if let Some(known) = self.roles.get(roles) {
            return Ok(known.clone());
        }
        let given = match self.authority.policy.check_known(roles) {
            Ok(()) => self.authority.may_give(roles).await,
            unknown => unknown,
        };
        let wrong = match given {
            Ok(()) => None,
            Err(Error::Invalid(fields)) => Some(fields),
            Err(Error::Refused(code @ (Code::RoleUnknown | Code::Escalation))) => Some(vec![refusal("roles", code)]),
            Err(error) => return Err(error),
        };
        self.roles.insert(roles.to_vec(), wrong.clone());
        Ok(wrong)
    }
}

fn rejected(field: &str, code: Code) -> Verdict {
    Verdict::Rejected(vec![refusal(field, code)])
}

fn refusal(field: &str, code: Code) -> FieldError {
    FieldError::new(field, code.as_str(), code.detail())
}
