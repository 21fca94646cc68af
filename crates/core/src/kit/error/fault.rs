//! What databases say when they fail, and what that means for a caller.

use super::Code;
use sea_orm::{DbErr, RuntimeErr};

/// The database's own trouble behind an error, as a code to answer; `None` if it is ours.
pub(super) fn code_of(error: &anyhow::Error) -> Option<Code> {
    error.chain().find_map(of_cause)
}

/// Whether the database failed for what it is, and not for what it was asked.
pub(in crate::kit) fn is_of_database(error: &DbErr) -> bool {
    matches!(of_cause(error), Some(Code::StorageFull | Code::DatabaseUnavailable))
}

fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Code> {
    match driver_error(cause)? {
        sqlx::Error::PoolTimedOut => Some(Code::Busy),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            Some(Code::DatabaseUnavailable)
        }
        sqlx::Error::Database(error) => of_engine(&error.code()?),
        _ => None,
    }
}

fn driver_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a sqlx::Error> {
    match error.downcast_ref() {
        Some(DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout)) => Some(&sqlx::Error::PoolTimedOut),
        Some(DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::ConnectionClosed)) => Some(&sqlx::Error::PoolClosed),
        Some(
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)),
        ) => Some(error),
        _ => error.downcast_ref(),
    }
}

/// SQLite's result codes are numbers (sqlite.org/rescode.html), PostgreSQL's have five characters
/// (its manual, appendix A).
fn of_engine(code: &str) -> Option<Code> {
    if code.len() == 5 {
        return match code {
            // lock_not_available, deadlock_detected, serialization_failure, too_many_connections
            "55P03" | "40P01" | "40001" | "53300" => Some(Code::Busy),
            "53100" => Some(Code::StorageFull),
            // read_only_sql_transaction: the primary became a standby.
            "25006" => Some(Code::DatabaseUnavailable),
            // Connection, resources, an operator's doing, the system, damaged data.
            _ if ["08", "53", "57", "58", "XX"].contains(&&code[..2]) => Some(Code::DatabaseUnavailable),
            _ => None,
        };
    }
    // The low byte is the kind, what is above it the detail.
    match code.parse::<u32>().ok()? & 0xff {
        // BUSY, LOCKED, PROTOCOL (too many race for a lock)
        5 | 6 | 15 => Some(Code::Busy),
        13 => Some(Code::StorageFull),
        // NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, CANTOPEN, NOTADB
        7..=11 | 14 | 26 => Some(Code::DatabaseUnavailable),
        _ => None,
    }
}

/// Whether the engine itself refused a commit, so that nothing was written: with anything else,
/// such as a connection that broke, it may have been made.
pub(in crate::kit) fn was_refused(error: &DbErr) -> bool {
    match driver_error(error) {
        Some(sqlx::Error::Database(error)) => match error.code() {
            // A flush that failed leaves open what a restart finds in the file.
            Some(code) if code.len() < 5 => code.parse::<u32>().is_ok_and(|code| code & 0xff != 10),
            Some(code) => !["08", "57", "58", "XX"].contains(&&code[..2]),
            None => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_does_has_a_code_and_what_we_do_wrong_has_none() {
        for (engine, code) in [
            ("5", Code::Busy),
            ("261", Code::Busy),
            ("517", Code::Busy),
            ("55P03", Code::Busy),
            ("53300", Code::Busy),
            ("13", Code::StorageFull),
            ("53100", Code::StorageFull),
            ("8", Code::DatabaseUnavailable),
            ("778", Code::DatabaseUnavailable),
            ("14", Code::DatabaseUnavailable),
            ("25006", Code::DatabaseUnavailable),
            ("57P01", Code::DatabaseUnavailable),
            ("08006", Code::DatabaseUnavailable),
        ] {
            assert_eq!(of_engine(engine), Some(code), "{engine}");
        }
        // ERROR, CONSTRAINT_UNIQUE; syntax_error, unique_violation.
        for ours in ["1", "2067", "42601", "23505"] {
            assert_eq!(of_engine(ours), None, "{ours}");
        }
    }
}
