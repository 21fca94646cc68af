//! Which facts a transaction changes that are kept outside the database, and how those who keep them
//! learn of it.
//!
//! Every statement passes one door, so what changes a fact is seen there, whoever wrote it: nobody
//! has to remember to say so. A tenant has an [`Epoch`], which moves on after a commit that changed
//! such a fact and before anybody is told that it was made. What was read in one epoch holds as long
//! as that epoch does. With SQLite the one server that there is counts epochs in memory; with
//! PostgreSQL a row of the tenant does, which every transaction that changes such a fact writes.

use super::TenantId;
use chrono::TimeDelta;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A tenant's facts at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Who callers are and what they may do: sessions, users, applications, their roles, what roles permit,
    /// and the keys of tokens.
    pub callers: u64,
    /// The keys of tokens alone, which change far more rarely than the rest.
    pub keys: u64,
    /// What is shown of users besides.
    pub profiles: u64,
    /// The settings of the tenant, and those of the instance that it inherits, where one server counts.
    pub settings: u64,
}

/// How long what is kept may differ from what another program, such as an operator's command, has
/// written to a file.
pub const KEPT: TimeDelta = TimeDelta::seconds(1);

/// What a statement or a transaction changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "any of them may be changed with any other")]
pub(super) struct Touched {
    pub(super) callers: bool,
    pub(super) keys: bool,
    pub(super) profiles: bool,
    pub(super) settings: bool,
    pub(super) instance: bool,
}

impl Touched {
    const NOTHING: Self = Self {
        callers: false,
        keys: false,
        profiles: false,
        settings: false,
        instance: false,
    };
    const PROFILES: Self = Self {
        profiles: true,
        ..Self::NOTHING
    };
    const CALLERS: Self = Self {
        callers: true,
        ..Self::PROFILES
    };
    const SETTINGS: Self = Self {
        settings: true,
        ..Self::NOTHING
    };
    const INSTANCE: Self = Self {
        instance: true,
        ..Self::NOTHING
    };
    const NEW_KEYS: Self = Self {
        keys: true,
        ..Self::NOTHING
    };
    const KEYS: Self = Self {
        keys: true,
        ..Self::CALLERS
    };
    const ALL: Self = Self {
        settings: true,
        instance: true,
        ..Self::KEYS
    };

    /// What this statement changes. One that is not understood may change everything.
    pub(super) fn by(sql: &str) -> Self {
        let words = sql.split(|c: char| c.is_whitespace() || c == '(');
        let mut words = words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase);
        let mut word = || words.next().unwrap_or_default();
        let (verb, second) = (word(), word());
        let table = match (verb.as_str(), second.as_str()) {
            // What is done between the marks of a part is seen by itself.
            ("select" | "savepoint" | "release" | "rollback", _) => return Self::NOTHING,
            ("insert", "into") | ("delete", "from") => word(),
            ("update", _) => second,
            _ => return Self::ALL,
        };
        let table = table.trim_matches('"');
        if !table.bytes().all(|c| c.is_ascii_lowercase() || c == b'_') || matches!(table, "or" | "only") {
            return Self::ALL;
        }
        match (table, verb.as_str()) {
            // Nobody has called yet by a session or as a user who is only just made.
            ("session" | "user", "insert") => Self::NOTHING,
            // How a session ends by lying unused is known from the time that it was read with; of an
            // application it is shown to administrators.
            ("session" | "application" | "application_secret" | "resource_server_secret", "update")
                if sets_only(sql, "last_used_at") =>
            {
                Self::NOTHING
            }
            // It is shown to administrators, not to the user.
            ("user", "update") if sets_only(sql, "last_sign_in_at") => Self::NOTHING,
            ("session" | "user" | "user_role" | "role" | "role_parent" | "counter", _) => Self::CALLERS,
            // Applications call for themselves, and what they are given is kept with them.
            (table, _) if table.starts_with("application") || table.starts_with("resource_") => Self::CALLERS,
            // What goes has expired.
            ("revoked_token", "insert") => Self::CALLERS,
            // Nobody has called yet by a token that it signed.
            ("signing_key", "insert") => Self::NEW_KEYS,
            ("signing_key", _) => Self::KEYS,
            ("email" | "user_label", _) => Self::PROFILES,
            ("setting", _) => Self::SETTINGS,
            ("instance_setting", _) => Self::INSTANCE,
            _ => Self::NOTHING,
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            callers: self.callers || other.callers,
            keys: self.keys || other.keys,
            profiles: self.profiles || other.profiles,
            settings: self.settings || other.settings,
            instance: self.instance || other.instance,
        }
    }

    pub(super) fn is_nothing(self) -> bool {
        self == Self::NOTHING
    }
}

/// Whether an update sets this column and no other.
fn sets_only(sql: &str, column: &str) -> bool {
    let lower = sql.to_ascii_lowercase();
    let set = lower.split_once(" set ").map(|(_, set)| set);
    let set = set.and_then(|set| set.split_once(" where ")).map(|(set, _)| set);
    let set = set.and_then(|set| set.split_once('='));
    set.is_some_and(|(name, value)| name.trim().trim_matches('"') == column && !value.contains(','))
}

/// The epochs of all tenants, where one server counts them. Some share one, and then learn of changes that are not theirs.
pub(super) struct Epochs {
    slots: Box<[[AtomicU64; 4]]>,
    /// Counts the changes to the settings of the instance.
    instance: AtomicU64,
    were_advanced: AtomicBool,
}

const SLOTS: usize = 4096;

impl Default for Epochs {
    fn default() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| Default::default()).collect(),
            instance: AtomicU64::default(),
            were_advanced: AtomicBool::default(),
        }
    }
}

impl Epochs {
    /// To be asked before what is kept is read.
    pub(super) fn of(&self, tenant: TenantId) -> Epoch {
        let slots = self.slot(tenant).each_ref();
        let [callers, keys, profiles, settings] = slots.map(|slot| slot.load(Ordering::SeqCst));
        Epoch {
            callers,
            keys,
            profiles,
            // Neither ever goes back.
            settings: settings + self.of_instance(),
        }
    }

    /// The same of the settings of the instance.
    pub(super) fn of_instance(&self) -> u64 {
        self.instance.load(Ordering::SeqCst)
    }

    /// To be called after the commit of what belongs to no tenant, and before its answer.
    pub(super) fn advance_instance(&self) {
        self.instance.fetch_add(1, Ordering::SeqCst);
        self.were_advanced.store(true, Ordering::SeqCst);
    }

    /// To be called after the commit, and before its answer.
    pub(super) fn advance(&self, tenant: TenantId, touched: Touched) {
        let is_touched = [touched.callers, touched.keys, touched.profiles, touched.settings];
        for (slot, is_touched) in self.slot(tenant).iter().zip(is_touched) {
            slot.fetch_add(is_touched.into(), Ordering::SeqCst);
        }
        self.were_advanced.store(true, Ordering::SeqCst);
    }

    /// Whether anything was changed that somebody may keep.
    pub(super) fn were_advanced(&self) -> bool {
        self.were_advanced.load(Ordering::SeqCst)
    }

    fn slot(&self, tenant: TenantId) -> &[AtomicU64; 4] {
        // The end of an id is random.
        let [.., high, low] = *tenant.0.as_bytes();
        &self.slots[usize::from(u16::from_be_bytes([high, low])) % SLOTS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_that_ends_a_session_or_changes_a_role_touches_callers() {
        for sql in [
            r#"UPDATE "session" SET "ended_at" = ? WHERE "id" = ?"#,
            r#"DELETE FROM "session" WHERE "id" = ?"#,
            r#"UPDATE "user" SET "disabled" = ?, "version" = ? WHERE "id" = ?"#,
            r#"UPDATE "user" SET "last_sign_in_at" = ?, "disabled" = ? WHERE "id" = ?"#,
            r#"DELETE FROM "user" WHERE "id" = ?"#,
            r#"INSERT INTO "user_role" ("user_id", "role") VALUES (?, ?)"#,
            r#"DELETE FROM "user_role" WHERE "user_id" = ?"#,
            r#"UPDATE "role" SET "rules" = ? WHERE "name" = ?"#,
            "insert into counter (name, value) values ($1, $2)",
            r#"DELETE FROM "signing_key""#,
            "with gone as (delete from session returning id) select 1",
            "insert or replace into user_role (user_id) values (?)",
            "update or ignore user_role set role = ?",
            "delete from only session",
            r#"update "public"."session" set ended_at = $1"#,
            "delete\n\tfrom session",
            "truncate session",
            "pragma journal_mode = delete",
            r#"UPDATE "application" SET "disabled" = ? WHERE "id" = ?"#,
            r#"DELETE FROM "application_secret" WHERE "id" = ?"#,
            r#"INSERT INTO "application_role" ("application_id", "role") VALUES (?, ?)"#,
            r#"UPDATE "resource_server" SET "access_token_alg" = ? WHERE "id" = ?"#,
            r#"INSERT INTO "revoked_token" ("hash", "expires_at") VALUES (?, ?)"#,
        ] {
            let touched = Touched::by(sql);
            assert!(touched.callers && touched.profiles, "{sql}");
        }
    }

    #[test]
    fn a_new_key_touches_keys_and_one_that_changes_touches_callers_as_well() {
        let made = Touched::by(r#"INSERT INTO "signing_key" ("id", "kid") VALUES (?, ?)"#);
        assert_eq!(made, Touched::NEW_KEYS);
        let changed = Touched::by(r#"UPDATE "signing_key" SET "state" = ? WHERE "id" = ?"#);
        assert!(changed.keys && changed.callers);
        assert!(!Touched::by(r#"DELETE FROM "session""#).keys);
    }

    #[test]
    fn a_sign_in_and_the_use_of_a_session_touch_no_caller() {
        for sql in [
            r#"SELECT "id" FROM "session" WHERE "ended_at" IS NULL"#,
            "savepoint part",
            "rollback to savepoint part",
            "release savepoint part",
            r#"INSERT INTO "session" ("id") VALUES (?)"#,
            r#"UPDATE "user" SET "last_sign_in_at" = ? WHERE "id" = ? AND "disabled" = ?"#,
            "update session set last_used_at = $1 where id = $2",
            r#"UPDATE "refresh_token" SET "used_at" = ? WHERE "hash" = ?"#,
            "insert into limit_count (rule, subject) values ($1, $2)",
            r#"UPDATE "application" SET "last_used_at" = ? WHERE "id" = ?"#,
            r#"UPDATE "application_secret" SET "last_used_at" = ? WHERE "id" = ?"#,
            r#"UPDATE "resource_server_secret" SET "last_used_at" = ? WHERE "id" = ?"#,
            "delete from revoked_token where (hash) in (select hash from revoked_token)",
        ] {
            assert_eq!(Touched::by(sql), Touched::NOTHING, "{sql}");
        }
        for sql in [
            r#"UPDATE "email" SET "verified_at" = ? WHERE "id" = ?"#,
            r#"INSERT INTO "user_label" ("user_id", "key", "value") VALUES (?, ?, ?)"#,
        ] {
            assert_eq!(Touched::by(sql), Touched::PROFILES, "{sql}");
        }
    }

    #[test]
    fn a_setting_that_is_written_touches_settings_and_no_caller() {
        for sql in [
            r#"INSERT INTO "setting" ("name") VALUES (?)"#,
            r#"UPDATE "setting" SET "value" = ? WHERE "name" = ?"#,
            r#"DELETE FROM "setting" WHERE "name" = ?"#,
        ] {
            assert_eq!(Touched::by(sql), Touched::SETTINGS, "{sql}");
        }
        assert!(Touched::by("insert or replace into setting (name) values (?)").settings);
        let instance = Touched::by(r#"UPDATE "instance_setting" SET "value" = ? WHERE "name" = ?"#);
        assert_eq!(instance, Touched::INSTANCE);
    }

    #[test]
    fn an_epoch_moves_on_for_what_was_touched() {
        let (epochs, tenant) = (Epochs::default(), TenantId(uuid::Uuid::nil()));
        let before = epochs.of(tenant);
        epochs.advance(tenant, Touched::PROFILES);
        let after = epochs.of(tenant);
        assert_eq!(before.callers, after.callers);
        assert_ne!(before.profiles, after.profiles);
        epochs.advance(tenant, Touched::ALL);
        assert_ne!(before.callers, epochs.of(tenant).callers);
        let before = epochs.of(tenant);
        epochs.advance_instance();
        assert_ne!(before.settings, epochs.of(tenant).settings);
        assert_eq!(before.callers, epochs.of(tenant).callers);
    }
}
