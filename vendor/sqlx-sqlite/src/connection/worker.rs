//! What runs statements: the thread that asks.
//!
//! A request costs microseconds in SQLite and as much again to hand it to another thread. So there
//! is none here: each of these ends before it returns, and nothing is left half done by somebody
//! who stops waiting. A caller whose statement may take long polls it on a thread for such work.

use std::sync::Arc;

use sqlx_core::error::Error;
use sqlx_core::sql_str::SqlStr;
use sqlx_core::transaction::{
    begin_ansi_transaction_sql, commit_ansi_transaction_sql, rollback_ansi_transaction_sql,
};

use crate::connection::establish::EstablishParams;
use crate::connection::execute::{self, ExecuteIter};
use crate::connection::ConnectionState;
use crate::{SqliteArguments, SqliteStatement};

pub(crate) struct ConnectionWorker {
    // Boxed: a connection is passed by value.
    pub(crate) state: Box<ConnectionState>,
    pub(crate) transaction_depth: usize,
    /// A transaction could not be rolled back: nothing may follow.
    is_broken: bool,
}

impl ConnectionWorker {
    pub(crate) fn establish(params: &EstablishParams) -> Result<Self, Error> {
        Ok(Self {
            state: Box::new(params.establish()?),
            transaction_depth: 0,
            is_broken: false,
        })
    }

    pub(crate) fn ping(&self) -> Result<(), Error> {
        match self.is_broken {
            true => Err(Error::WorkerCrashed),
            false => Ok(()),
        }
    }

    pub(crate) fn prepare(&mut self, query: SqlStr) -> Result<SqliteStatement, Error> {
        self.ping()?;
        // prepare statement object (or checkout from cache)
        let statement = self.state.statements.get(query.as_str(), true)?;

        let mut parameters = 0;
        let mut columns = None;
        let mut column_names = None;

        while let Some(statement) = statement.prepare_next(&mut self.state.handle)? {
            parameters += statement.handle.bind_parameter_count();

            // the first non-empty statement is chosen as the statement we pull columns from
            if !statement.columns.is_empty() && columns.is_none() {
                columns = Some(Arc::clone(statement.columns));
                column_names = Some(Arc::clone(statement.column_names));
            }
        }

        Ok(SqliteStatement {
            sql: query,
            columns: columns.unwrap_or_default(),
            column_names: column_names.unwrap_or_default(),
            parameters,
        })
    }

    /// What the statement answers, row by row: each is computed when it is asked for.
    pub(crate) fn execute(
        &mut self,
        query: SqlStr,
        args: Option<SqliteArguments>,
        persistent: bool,
    ) -> Result<ExecuteIter<'_>, Error> {
        self.ping()?;
        execute::iter(&mut self.state, query, args, persistent)
    }

    pub(crate) fn begin(&mut self, statement: Option<SqlStr>) -> Result<(), Error> {
        self.ping()?;
        let is_custom_statement = statement.is_some();
        let statement = match statement {
            // custom `BEGIN` statements are not allowed if we're already in a transaction (we need
            // to issue a `SAVEPOINT` instead)
            Some(_) if self.transaction_depth > 0 => return Err(Error::InvalidSavePointStatement),
            Some(statement) => statement,
            None => begin_ansi_transaction_sql(self.transaction_depth),
        };
        self.state.handle.exec(statement.as_str())?;
        if is_custom_statement && !self.state.handle.in_transaction() {
            return Err(Error::BeginFailed);
        }
        self.transaction_depth += 1;
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        self.ping()?;
        if self.transaction_depth > 0 {
            let commit = commit_ansi_transaction_sql(self.transaction_depth);
            self.state.handle.exec(commit.as_str())?;
            self.transaction_depth -= 1;
        }
        Ok(())
    }

    pub(crate) fn rollback(&mut self) -> Result<(), Error> {
        self.ping()?;
        if self.transaction_depth > 0 {
            let rollback = rollback_ansi_transaction_sql(self.transaction_depth);
            let done = self.state.handle.exec(rollback.as_str());
            self.is_broken = done.is_err();
            done?;
            self.transaction_depth -= 1;
        }
        Ok(())
    }
}
