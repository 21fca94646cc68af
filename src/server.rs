//! The parts of the program that are built once: handed down as an argument, and held by no context.

use crate::{
    application::LiveClients,
    attachment::Thumbnails,
    captcha,
    config::Config,
    context::{Operator, Services},
    domain,
    job::{self, Jobs},
    key::{self, Hint, KeyRing},
    kit::{
        blob::{self, Store},
        clock::Clock,
        db::{Db, Epoch, KEPT, Location, Mode, Opening, SystemTx, Tx},
        dns::Dns,
        error::{Code, Error, Result},
        id::TenantId,
        mail::Mailer,
        outbound::Outbound,
        rate::Rates,
        secret::MasterKey,
    },
    password::Hasher,
    provider::Providers,
    sender::Transports,
    tenant::{self, Owner, State, Tenant, TenantRow},
    token,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use std::{ops::Deref, path::Path, sync::Arc, time::Duration};
use tenantry_core::tenant::Urls;
use tokio::sync::watch;
use zeroize::Zeroizing;

/// The program. Cheap to clone; clones are the same program.
#[derive(Clone)]
pub struct Server(Arc<Parts>);

/// The parts of the program that are built once.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The services that the contexts of all requests share.
    pub services: Services,
    /// Hashes passwords.
    pub passwords: Hasher,
    /// Asks CAPTCHA providers about tokens.
    pub captcha: captcha::Verifier,
    /// Keeps files.
    pub files: Arc<dyn Store>,
    /// Pictures of files that were drawn smaller a moment ago.
    pub thumbnails: Thumbnails,
    /// Calls addresses that tenants give.
    pub outbound: Outbound,
    /// The issuers that people sign in through.
    pub providers: Providers,
    /// Applications that proved who they are a moment ago.
    pub clients: LiveClients,
    /// What tokens are made by and turned out to be a moment ago.
    pub tokens: token::Live,
    /// Sends mail.
    pub mailer: Mailer,
    /// Asks name servers about the domains of senders.
    pub dns: Arc<Dns>,
    /// Sends mail by the relays of tenants.
    pub transports: Transports,
    /// The address mail comes from.
    pub mail_from: lettre::Address,
    tenants: tenant::Known<String, (Tenant, State)>,
    domains: tenant::Known<String, Option<(Tenant, State)>>,
    tenants_of_jobs: tenant::Known<TenantId, Tenant>,
    rates: Rates<TenantId>,
    keys: moka::sync::Cache<TenantId, Arc<Keys>>,
    stopping: watch::Sender<bool>,
}

/// The keys of a tenant, as they were read in one epoch.
struct Keys {
    ring: Arc<KeyRing>,
    epoch: u64,
    at: DateTime<Utc>,
}

impl Deref for Server {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The first owner, whose password a first start has to show once.
#[derive(Debug)]
pub struct FirstOwner {
    /// Their name.
    pub name: String,
    /// Their password, if it was generated.
    pub password: Option<Zeroizing<String>>,
}

impl Server {
    /// Says that it is about to stop, to those who watch it.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether it is about to stop, and when.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Opens databases and keys as configured. `alone` is whether this is the server of the data
    /// directory, of which there can be one; commands beside it are not.
    ///
    /// # Errors
    /// Something configured is missing or not usable; the text says what to mend.
    pub async fn open(config: Config, clock: Clock, alone: bool) -> anyhow::Result<Self> {
        let location = match &config.database_url {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Directory(config.data_dir.clone()),
        };
        let hello = config.smtp_ehlo.clone().unwrap_or_else(|| config.public_host());
        let mailer = Mailer::new(config.smtp_url.as_deref(), &hello)?;
        let mail_from = match &config.mail_from {
            Some(address) => address.parse().context("mail_from is not an e-mail address")?,
            None => lettre::Address::new("no-reply", config.public_host())
                .or_else(|_| lettre::Address::new("no-reply", "localhost"))?,
        };
        let opening = Opening {
            open_tenants: config.open_tenants,
            wait: Duration::from_secs(config.database_wait.into()),
            file_limit: config.tenant_file_limit,
            lock: alone,
            connections: config.database_connections,
            statement: Duration::from_secs(config.statement_timeout.into()),
        };
        let (db, master) = Db::open(&location, clock.clone(), opening, async || master_key(&config).await).await?;
        let outbound = Outbound::new(config.outbound());
        let (files, credentials) = config.files()?;
        let server = Self(Arc::new(Parts {
            passwords: Hasher::start(master.pepper())?,
            captcha: captcha::Verifier::new(config.captcha_url.clone(), config.is_development()),
            dns: Arc::new(Dns::new(config.dns_servers.clone())),
            transports: Transports::new(outbound.clone(), &hello),
            providers: Providers::new(outbound.clone()),
            outbound,
            files: blob::open(&files, &credentials)?,
            thumbnails: Thumbnails::default(),
            services: Services::new(
                db,
                clock.clone(),
                master,
                Urls::new(config.base_url(), config.public_host()),
            ),
            clients: LiveClients::default(),
            tokens: token::Live::default(),
            mailer,
            mail_from,
            tenants: tenant::Known::new(clock.clone()),
            domains: tenant::Known::new(clock.clone()),
            rates: Rates::default(),
            tenants_of_jobs: tenant::Known::new(clock),
            keys: moka::sync::Cache::builder().max_capacity(10_000).build(),
            stopping: watch::Sender::new(false),
            config,
        }));
        if !server.services.db.is_proven() {
            server.prove_master_key().await?;
        }
        Ok(server)
    }

    /// Has the master key prove itself where it never did: on the keys of the tenants that there are.
    async fn prove_master_key(&self) -> anyhow::Result<()> {
        let Parts { services, .. } = &**self;
        let list = async |tx: &SystemTx| tenant::list(tx).await;
        for tenant in services.db.run_system(Mode::Read, list).await? {
            if tenant.state == State::Active {
                let load = async |tx: &Tx| key::load(tx, &services.master, None).await;
                let loaded = Operator::new(services, tenant.id).read(load).await;
                loaded.with_context(|| format!("trying the master key on the keys of {}", tenant.name))?;
            }
        }
        Ok(services.db.seal_canary(&services.master).await?)
    }

    /// Opens everything and provisions the default tenant if this is the first start.
    ///
    /// # Errors
    /// As [`Server::open`], or the first owner as configured is not valid.
    pub async fn start(config: Config, clock: Clock) -> anyhow::Result<(Self, Option<FirstOwner>)> {
        let server = Self::open(config, clock, true).await?;
        let first = server.provision_default().await?;
        Ok((server, first))
    }

    async fn provision_default(&self) -> anyhow::Result<Option<FirstOwner>> {
        let there = self.find_tenant(tenant::DEFAULT).await?;
        if there.is_some_and(|tenant| tenant.state != State::Founding) {
            return Ok(None);
        }
        let config = &self.config;
        let given = config.admin_password.as_deref();
        let owner = Owner::new(&config.admin_name, &config.admin_email, given)?;
        let generated = given.is_none().then(|| owner.password.expose().to_owned().into());
        let name = owner.name.to_string();
        let display_name = "Tenantry".parse().map_err(anyhow::Error::msg)?;
        let made = tenant::provision(
            &self.services,
            &self.passwords,
            tenant::DEFAULT,
            &display_name,
            owner,
            async |_| Ok(()),
        );
        let made = made.await?;
        Ok(made.then_some(FirstOwner {
            name,
            password: generated,
        }))
    }

    /// The keys of a tenant as they were read a moment ago, if nothing has changed that this server knows of.
    #[must_use]
    pub fn keys_here(&self, tenant: TenantId) -> Option<Arc<KeyRing>> {
        self.keys_kept(tenant).map(|kept| kept.ring.clone())
    }

    fn keys_kept(&self, tenant: TenantId) -> Option<Arc<Keys>> {
        let Parts { keys, services, .. } = &**self;
        let (kept, now) = (keys.get(&tenant)?, services.clock.now());
        let epoch = services.db.epoch_here(tenant);
        let holds = epoch.is_none_or(|epoch| epoch.keys == kept.epoch) && (kept.at..kept.at + KEPT).contains(&now);
        holds.then_some(kept)
    }

    /// The keys of a tenant.
    pub async fn keys(&self, tenant: TenantId) -> Result<Arc<KeyRing>> {
        if let Some(kept) = self.keys_kept(tenant) {
            return Ok(kept.ring.clone());
        }
        // Before the keys are read.
        let epoch = self.services.db.epoch(tenant).await?;
        self.read_keys(tenant, epoch).await
    }

    /// The same in this epoch, which was just asked for.
    pub async fn keys_in(&self, tenant: TenantId, epoch: Epoch) -> Result<Arc<KeyRing>> {
        match self.keys_kept(tenant) {
            Some(kept) if kept.epoch == epoch.keys => Ok(kept.ring.clone()),
            _ => self.read_keys(tenant, epoch).await,
        }
    }

    async fn read_keys(&self, tenant: TenantId, epoch: Epoch) -> Result<Arc<KeyRing>> {
        let Parts { keys, services, .. } = &**self;
        let at = services.clock.now();
        let before = keys.get(&tenant);
        let before = before.as_ref().map(|kept| &kept.ring);
        let load = async |tx: &Tx| key::load(tx, &services.master, before).await;
        let ring = Operator::new(services, tenant).read(load).boxed().await?;
        let kept = Keys {
            ring: ring.clone(),
            epoch: epoch.keys,
            at,
        };
        keys.insert(tenant, Arc::new(kept));
        Ok(ring)
    }

    /// The same with a key of each algorithm. They are made now if the job has not made them yet.
    pub async fn all_keys(&self, tenant: TenantId) -> Result<Arc<KeyRing>> {
        let ring = self.keys(tenant).await?;
        if ring.is_complete() {
            return Ok(ring);
        }
        key::complete(&self.services, tenant).await?;
        let epoch = self.services.db.epoch(tenant).await?;
        self.keys_in(tenant, epoch).await
    }

    /// What an ID token of this tenant says, also one that has expired, and one whose key is published no more.
    /// It may name an address that the tenant had before.
    pub async fn hint(&self, tenant: &Tenant, token: &str) -> Result<Option<Hint>> {
        let urls = &self.services.urls;
        let keys = self.keys(tenant.id).await?;
        for issuer in std::iter::once(urls.of(tenant)).chain(urls.former(tenant)) {
            if let Some(hint) = keys.verify_hint(token, &issuer) {
                return Ok(Some(hint));
            }
            let read = async |tx: &Tx| key::verify_retired_hint(tx, token, &issuer).await;
            if let Some(hint) = Operator::new(&self.services, tenant.id).read(read).await? {
                return Ok(Some(hint));
            }
        }
        Ok(None)
    }

    /// The tenant of this name, in whatever state.
    pub async fn find_tenant(&self, name: &str) -> Result<Option<TenantRow>> {
        let find = async |tx: &SystemTx| tenant::find(tx, name).await;
        self.services.db.run_system(Mode::Read, find).await
    }

    /// The tenant of this name, and how it stands.
    pub async fn tenant(&self, name: &str) -> Result<Option<(Tenant, State)>> {
        if let Some(found) = self.tenants.get(name) {
            return Ok(Some(found));
        }
        let found = self.find_tenant(name).boxed().await?;
        let found = found
            .map(|row| (row.state, row))
            .map(|(state, row)| (Tenant::from(row), state));
        // One that was stopped answers at once when it is let.
        if let Some(found) = found.as_ref().filter(|(_, state)| *state == State::Active) {
            self.tenants.insert(name.to_owned(), found.clone());
        }
        Ok(found)
    }

    /// The tenant that has proven this domain, and how it stands.
    pub async fn tenant_at(&self, domain: &str) -> Result<Option<(Tenant, State)>> {
        if let Some(found) = self.domains.get(domain) {
            return Ok(found);
        }
        let find = async |tx: &SystemTx| match domain::owner(tx, domain).await? {
            Some(domain) => tenant::find_by_id(tx, domain.tenant_id).await,
            None => Ok(None),
        };
        let row = Box::pin(self.services.db.run_system(Mode::Read, find)).await?;
        let found = row
            .map(|row| (row.state, row))
            .map(|(state, row)| (Tenant::from(row), state));
        if found.as_ref().is_none_or(|(_, state)| *state == State::Active) {
            self.domains.insert(domain.to_owned(), found.clone());
        }
        Ok(found)
    }

    /// Counts a request of a tenant.
    ///
    /// # Errors
    /// [`Code::TooManyRequests`].
    pub fn count_request(&self, tenant: &Tenant) -> Result<()> {
        let Some(rate) = tenant.rate else { return Ok(()) };
        let taken = self
            .rates
            .take(tenant.id, (rate.per_second, rate.burst), self.services.clock.now());
        taken.map_err(|retry_after| Error::Later {
            code: Code::TooManyRequests,
            retry_after,
        })
    }

    /// The tenant of this id, in whatever state, for a job of theirs.
    ///
    /// # Errors
    /// [`crate::kit::error::Code::TenantNotFound`].
    pub async fn tenant_of_job(&self, id: TenantId) -> Result<Tenant> {
        if let Some(tenant) = self.tenants_of_jobs.get(&id) {
            return Ok(tenant);
        }
        let tenant = tenant::get(&self.services.db, id).await?;
        self.tenants_of_jobs.insert(id, tenant.clone());
        Ok(tenant)
    }

    /// What the instance calls itself in the mail of this tenant unless it has a name: as the default tenant, and in the
    /// mail of that not at all.
    pub async fn instance_name(&self, tenant: &Tenant) -> Result<Option<Arc<str>>> {
        if tenant.is_default() {
            return Ok(None);
        }
        let instance = self.tenant(tenant::DEFAULT).await?;
        Ok(Some(instance.map_or_else(
            || "Tenantry".into(),
            |(instance, _)| instance.display_name,
        )))
    }

    /// Whether the server can do its work: its database, and the default tenant.
    ///
    /// # Errors
    /// What is not there.
    pub async fn ready(&self) -> Result<()> {
        self.services.db.ping().await?;
        if let Some((tenant, State::Active)) = self.tenant(tenant::DEFAULT).await? {
            let operator = Operator::new(&self.services, tenant.id);
            operator.read(async |_| Ok(())).await?;
        }
        Ok(())
    }

    /// Does the jobs of all tenants, and looks after the files, until `stop` resolves.
    pub async fn work(&self, jobs: &Jobs, stop: impl Future<Output = ()>) {
        let db = &self.services.db;
        tokio::select! {
            () = job::run(db, jobs, stop) => {}
            () = db.watch_files() => {}
        }
    }

    /// Does the jobs that are due now, and returns how many attempts that took.
    pub async fn work_off(&self, jobs: &Jobs) -> Result<usize> {
        job::drain(&self.services.db, jobs).await
    }

    /// Closes the databases.
    pub async fn close(&self) {
        self.services.db.close().await;
    }
}

async fn master_key(config: &Config) -> anyhow::Result<MasterKey> {
    if let Some(text) = &config.master_key {
        return Ok(MasterKey::parse(text)?);
    }
    anyhow::ensure!(
        config.database_url.is_none(),
        "with PostgreSQL set TENANTRY_MASTER_KEY, the same on every node; for a new one: openssl rand -base64 32"
    );
    let path = config.data_dir.join("master.key");
    match tokio::fs::read_to_string(&path).await {
        Ok(text) => MasterKey::parse(&text).with_context(|| format!("reading {}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let data = config.data_dir.join("system.db");
            anyhow::ensure!(
                !data.exists(),
                "{} is missing, and without it {} cannot be used; put the key back: nothing was written",
                path.display(),
                data.display()
            );
            write_key(&path).await
        }
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

/// Writes a new key where it is either whole or not there at all.
async fn write_key(path: &Path) -> anyhow::Result<MasterKey> {
    use tokio::io::AsyncWriteExt;
    let text = MasterKey::generate();
    let part = path.with_extension("part");
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options
        .open(&part)
        .await
        .with_context(|| format!("writing {}", part.display()))?;
    file.write_all(text.as_bytes()).await?;
    file.sync_all().await?;
    tokio::fs::rename(&part, path).await?;
    Ok(MasterKey::parse(&text)?)
}
