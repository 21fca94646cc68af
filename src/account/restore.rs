//! A tenant out of a file: one that is there, or one that is not.

use crate::{
    backup::{
        self, By, Loaded, Past, Restoration, Target,
        restoration::{self, Before, NewRestoration, Source},
    },
    content,
    context::{Operator, Services},
    key,
    kit::{
        archive::BackupKeys,
        blob::{Reading, Store},
        db::{Mode, SystemTx, Tx},
        error::Result,
        id::{TenantId, UploadId},
        text::TenantName,
    },
    tenant::{self, State, Tenant, TenantRow},
};
use anyhow::{Context, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::FutureExt;

/// A file that is to be restored.
pub struct Restoring<'a> {
    services: &'a Services,
    files: &'a dyn Store,
    trusted: &'a [String],
    loaded: Loaded,
    how: How,
    /// Where the tables are that it was read into.
    _directory: tempfile::TempDir,
}

/// How a file is restored.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// What the file is called, as far as whoever sends it says.
    pub filename: String,
    /// What it becomes: a tenant that is not there yet, and not the one that it is of.
    pub copy: Option<TenantName>,
    /// Whether sessions go on: in its own place those of now, elsewhere those of the file.
    pub keeps_sessions: bool,
    /// Whether all is to be as it was: it is what there was before a restore.
    pub undoes: bool,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Rows that were put back.
    pub rows: u64,
    /// Files that the store did not have.
    pub files: u64,
}

/// Contents that are in the store, and not yet named by rows.
pub struct Contents {
    announced: Vec<UploadId>,
    /// Those that the store did not have.
    pub put: u64,
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
        how: How,
    ) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("tenantry-restore-").tempdir()?;
        let keys = BackupKeys::of(&services.master);
        let by = By {
            keys: &keys,
            trusted,
            master: &services.master,
            tenant: how.copy.as_ref().map(|_| TenantId::new(services.clock.now())),
            clock: services.clock.clone(),
        };
        let loaded = backup::load(by, directory.path(), file).boxed().await?;
        Ok(Self {
            services,
            files,
            trusted,
            loaded,
            how,
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
        let operator = Operator::new(self.services, tenant);
        let past = match is_new {
            true => None,
            false => Some(operator.read(async |tx| self.past(tx).await).await?),
        };
        let row = match found {
            Some(found) if !is_new => found,
            found => self.begin(tenant, found.is_some()).await?,
        };
        let row = Tenant::from(row);
        let url = self.services.urls.of(&row);
        let contents = self.put_contents(file).await?;
        let before = match is_new {
            true => None,
            false => Some(self.keep_before(row).await?),
        };
        let put = async |tx: &Tx| {
            let rows = self.put_rows(tx, past.as_ref(), (&contents, &url)).await?;
            if self.how.copy.is_some() {
                key::ensure(tx, &self.services.master).await?;
            }
            self.record(tx, None, (rows, &contents), before.as_ref()).await?;
            Ok(rows)
        };
        let rows = operator.write("restorations:create", "*", put).await?;
        if is_new {
            let open = async |tx: &SystemTx| tenant::open(tx, tenant).await;
            self.services.db.run_system(Mode::Write, open).await?;
        }
        let files = contents.put;
        Ok(Restored { rows, files })
    }

    /// Reads what the tenant's trail goes on from.
    ///
    /// # Errors
    /// [`crate::kit::error::Code::BackupOfAnotherPast`], and the database's.
    pub async fn past(&self, tx: &Tx) -> Result<Past> {
        Past::read(tx, &self.services.master, &self.loaded).await
    }

    /// Puts its files into the store. Those that no row names in the end are swept.
    ///
    /// # Errors
    /// The database's and the store's.
    pub async fn put_contents(&self, file: Reading) -> anyhow::Result<Contents> {
        let tenant = self.loaded.tenant;
        let named = self.loaded.contents().await?;
        let announce = async |tx: &Tx| content::announce_all(tx, &named).await;
        let announced = Operator::new(self.services, tenant).write("", "", announce).await?;
        let keys = BackupKeys::of(&self.services.master);
        let put = backup::put_contents((&keys, self.trusted), tenant, self.files, file).await?;
        Ok(Contents { announced, put })
    }

    /// Keeps what the tenant has in a backup of its own, by which this is undone. It is in no list before this is recorded.
    ///
    /// # Errors
    /// The database's and the store's.
    pub async fn keep_before(&self, tenant: Tenant) -> Result<Before> {
        let operator = Operator::new(self.services, tenant.id);
        let id = operator.write("", "", restoration::expect).await?;
        let snapshot = operator.read(async |tx: &Tx| tx.snapshot().await).await?;
        let parts = (self.services, self.files);
        backup::export_before(parts, (id, tenant), snapshot).boxed().await
    }

    /// Notes that it is done: by whom, if it is not the operator, what was put, and what there was before.
    ///
    /// # Errors
    /// The database's.
    pub async fn record(
        &self,
        tx: &Tx,
        actor: Option<&str>,
        (rows, contents): (u64, &Contents),
        before: Option<&Before>,
    ) -> Result<Restoration> {
        let done = NewRestoration {
            filename: &self.how.filename,
            source: Source::of(&self.loaded.checked),
            actor,
            rows,
            files: contents.put,
            before,
        };
        restoration::record(tx, done).boxed().await
    }

    /// Puts its rows in the place of those of the tenant, which is at this address, and answers how many these are. A
    /// tenant without a past has nothing yet.
    ///
    /// # Errors
    /// [`crate::kit::error::Code::BackupOfAnotherPast`], and the database's.
    pub async fn put_rows(&self, tx: &Tx, past: Option<&Past>, (contents, url): (&Contents, &str)) -> Result<u64> {
        let target = Target {
            url,
            past,
            copy: self.how.copy.as_ref(),
            keeps_sessions: self.how.keeps_sessions,
            undoes: self.how.undoes,
            announced: &contents.announced,
            store: self.files.kind(),
        };
        backup::put(tx, &self.loaded, target).await
    }

    /// Makes the place of a tenant that is not there.
    async fn begin(&self, id: TenantId, is_known: bool) -> anyhow::Result<TenantRow> {
        let checked = &self.loaded.checked;
        let whose = &checked.opened.header.tenant;
        let (name, key) = if let Some(name) = &self.how.copy {
            (name.clone(), tenant::new_bounce_key())
        } else {
            let name = whose.name.parse();
            let key = URL_SAFE_NO_PAD.decode(&checked.begin.bounce_key);
            (
                name.map_err(|why| anyhow::anyhow!("the name of the tenant {why}"))?,
                key.context("the key of bounces")?,
            )
        };
        let named = (name.as_str(), &*whose.display_name);
        let new = TenantRow::begun(id, named, key, self.services.clock.now());
        let db = &self.services.db;
        if !is_known {
            let add = async |tx: &SystemTx| match self.how.copy {
                Some(_) => tenant::add_new(tx, &new).await.map(|()| true),
                None => tenant::add(tx, &new).await,
            };
            let is_free = db.run_system(Mode::Write, add).await?;
            ensure!(is_free, "another tenant is called {}", new.name);
        }
        db.make_room(id).await?;
        Ok(new)
    }
}
