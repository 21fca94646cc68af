//! A tenant out of a file: one that is there, or one that is not.

use crate::{
    backup::{self, By, Loaded, Target},
    context::{Operator, Services},
    kit::{
        archive::BackupKeys,
        blob::{Reading, Store},
        db::{Mode, SystemTx, Tx},
        error::Result,
        id::TenantId,
        text::TenantName,
    },
    tenant::{self, State, TenantRow},
};
use anyhow::{Context, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A file that is to be restored.
pub struct Restoring<'a> {
    services: &'a Services,
    files: &'a dyn Store,
    trusted: &'a [String],
    loaded: Loaded,
    /// Where the tables are that it was read into.
    _directory: tempfile::TempDir,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Rows that were put back.
    pub rows: u64,
    /// Files that the store did not have.
    pub files: u64,
}

impl<'a> Restoring<'a> {
    /// Reads a file, whole, into tables of its own.
    ///
    /// # Errors
    /// A [`crate::kit::archive::Refusal`] if it is not as it should be, and what keeps it from being read.
    pub async fn read(
        services: &'a Services,
        files: &'a dyn Store,
        trusted: &'a [String],
        file: Reading,
    ) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("tenantry-restore-").tempdir()?;
        let keys = BackupKeys::of(&services.master);
        let by = By {
            keys: &keys,
            trusted,
            master: &services.master,
            clock: services.clock.clone(),
        };
        let loaded = Box::pin(backup::load(by, directory.path(), file)).await?;
        Ok(Self {
            services,
            files,
            trusted,
            loaded,
            _directory: directory,
        })
    }

    /// What was read.
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Puts it in the place of the tenant it is of, or makes that tenant anew. `file` is the same once more.
    ///
    /// # Errors
    /// [`crate::kit::error::Code::BackupOfAnotherPast`], a name that another tenant has, the database's and the store's. What
    /// there was is there, then.
    pub async fn put(&self, file: Reading) -> anyhow::Result<Restored> {
        let tenant = self.loaded.tenant;
        let find = async |tx: &SystemTx| tenant::find_by_id(tx, tenant).await;
        let found = self.services.db.run_system(Mode::Read, find).await?;
        // One that was not finished is begun again.
        let is_new = found.as_ref().is_none_or(|found| found.state == State::Founding);
        if is_new {
            self.begin(tenant, found.is_some()).await?;
        }
        let files = self.put_contents(file).await?;
        let rows = Operator::new(self.services, tenant)
            .write("restorations:create", "*", async |tx| self.put_rows(tx, is_new).await)
            .await?;
        if is_new {
            let open = async |tx: &SystemTx| tenant::open(tx, tenant).await;
            self.services.db.run_system(Mode::Write, open).await?;
        }
        Ok(Restored { rows, files })
    }

    /// Puts its files into the store, and answers how many were not there.
    ///
    /// # Errors
    /// The store's.
    pub async fn put_contents(&self, file: Reading) -> anyhow::Result<u64> {
        let keys = BackupKeys::of(&self.services.master);
        backup::put_contents((&keys, self.trusted), self.loaded.tenant, self.files, file).await
    }

    /// Puts its rows in the place of those of the tenant, and answers how many these are.
    ///
    /// # Errors
    /// [`crate::kit::error::Code::BackupOfAnotherPast`], and the database's.
    pub async fn put_rows(&self, tx: &Tx, is_new: bool) -> Result<u64> {
        let target = Target {
            is_new,
            store: self.files.kind(),
        };
        backup::put(tx, &self.services.master, &self.loaded, target).await
    }

    /// Makes the place of a tenant that is not there.
    async fn begin(&self, id: TenantId, is_known: bool) -> anyhow::Result<()> {
        let checked = &self.loaded.checked;
        let key = URL_SAFE_NO_PAD.decode(&checked.begin.bounce_key);
        let whose = &checked.opened.header.tenant;
        let name: TenantName = whose
            .name
            .parse()
            .map_err(|why| anyhow::anyhow!("the name of the tenant {why}"))?;
        let key = key.context("the key of bounces")?;
        let named = (name.as_str(), &*whose.display_name);
        let new = TenantRow::begun(id, named, key, self.services.clock.now());
        let db = &self.services.db;
        if !is_known {
            let is_free = db
                .run_system(Mode::Write, async |tx| tenant::add(tx, &new).await)
                .await?;
            ensure!(is_free, "another tenant is called {}", new.name);
        }
        Ok(db.make_room(id).await?)
    }
}
