//! The program: `App::start` builds it once, `App::routes` is all of its addresses.

use crate::{
    access::Policies,
    account::MailJob,
    audit::{self, Denials, Verdict},
    captcha,
    config::Config,
    groups,
    kit::{
        clock::Clock,
        db::{Db, Location, Mode, Opening, Tx},
        error::{Code, Result},
        http,
        id::TenantId,
        job::{self, Job, Jobs},
        mail::Mailer,
        secret::MasterKey,
        text::NewPassword,
    },
    login,
    password::{self, Hasher},
    setting,
    tenant::{
        self, Owner, Tenant,
        entity::State,
        key::{self, KeyRing},
    },
};
use anyhow::Context;
use poem::{
    Endpoint, EndpointExt, IntoResponse, Request, Response,
    http::{Method, header},
};
use std::{ops::Deref, path::Path, sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// Tenants whose roles are kept ready, some kilobytes each.
const ACTIVE_TENANTS: u64 = 2_000;

/// The program. Cheap to clone; clones are the same program.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What the program is made of.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The databases.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Seals secrets at rest.
    pub master: MasterKey,
    /// The tenants' roles, and what they decide.
    pub policies: Policies,
    /// Who was denied something lately.
    pub denials: Denials,
    /// Hashes passwords.
    pub passwords: Hasher,
    /// Asks CAPTCHA providers about tokens.
    pub captcha: captcha::Verifier,
    /// Sends mail.
    pub mailer: Mailer,
    /// The address mail comes from.
    pub mail_from: lettre::Address,
    tenants: moka::future::Cache<String, Tenant>,
    keys: moka::future::Cache<TenantId, Arc<KeyRing>>,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What a first start has to say once.
#[derive(Debug)]
pub struct FirstOwner {
    /// Their name.
    pub name: String,
    /// Their password, if it was generated.
    pub password: Option<Zeroizing<String>>,
}

impl App {
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
        let mailer = Mailer::new(config.smtp_url.as_deref())?;
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
        };
        let db = Db::open(&location, clock.clone(), opening).await?;
        let master = master_key(&config).await?;
        Ok(Self(Arc::new(Parts {
            db,
            clock,
            policies: Policies::new(ACTIVE_TENANTS),
            denials: Denials::default(),
            passwords: Hasher::start(master.pepper())?,
            captcha: captcha::Verifier::new(config.captcha_url.clone()),
            master,
            mailer,
            mail_from,
            // Long enough to spare a query a request, short enough for "at once".
            tenants: moka::future::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_secs(1))
                .build(),
            keys: moka::future::Cache::builder().max_capacity(10_000).build(),
            config,
        })))
    }

    /// Opens everything and founds the default tenant if this is the first start.
    ///
    /// # Errors
    /// As [`App::open`], or the first owner as configured is not valid.
    pub async fn start(config: Config, clock: Clock) -> anyhow::Result<(Self, Option<FirstOwner>)> {
        let app = Self::open(config, clock, true).await?;
        let first = app.found_default().await?;
        Ok((app, first))
    }

    async fn found_default(&self) -> anyhow::Result<Option<FirstOwner>> {
        let there = self.find_tenant(tenant::DEFAULT).await?;
        if there.is_some_and(|tenant| tenant.state != State::Founding) {
            return Ok(None);
        }
        let config = &self.config;
        let generated = match config.admin_password {
            Some(_) => None,
            None => Some(crate::kit::secret::new_token().0),
        };
        let password = config
            .admin_password
            .as_deref()
            .or(generated.as_ref().map(|p| p.as_str()));
        let password = password.unwrap_or_default();
        let owner = self.owner(&config.admin_name, &config.admin_email, password).await?;
        let name = owner.name.to_string();
        let display_name = "Tenantry".parse().map_err(anyhow::Error::msg)?;
        let founded = tenant::found(self, tenant::DEFAULT, &display_name, owner).await?;
        Ok(founded.then_some(FirstOwner {
            name,
            password: generated,
        }))
    }

    /// The first owner of a tenant, as an operator names them.
    ///
    /// # Errors
    /// A value is not valid; the text says which.
    pub async fn owner(&self, name: &str, email: &str, password: &str) -> anyhow::Result<Owner> {
        let wrong = |what: &str, why: &str| anyhow::anyhow!("the {what} of the first owner {why}");
        let new: NewPassword = password.parse().map_err(|why| wrong("password", why))?;
        // The tenant is not there to ask: what holds is what it begins with.
        let accepted = password::Policy::default().accept(&new, &password::Words::of([name, email]));
        let accepted = accepted.map_err(|failures| {
            let why: Vec<_> = failures.into_iter().map(|failure| failure.detail).collect();
            wrong("password", &why.join(" and "))
        })?;
        Ok(Owner {
            name: name.parse().map_err(|why| wrong("name", why))?,
            email: email.parse().map_err(|why| wrong("address", why))?,
            password_hash: self.passwords.hash(&accepted).await?,
        })
    }

    /// The keys of a tenant, read once.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn keys(&self, tenant: TenantId) -> Result<Arc<KeyRing>> {
        if let Some(keys) = self.keys.get(&tenant).await {
            return Ok(keys);
        }
        let read = async |tx: &Tx| key::ring(tx, &self.master).await;
        let keys = Arc::new(self.db.run(tenant, Mode::Read, read).await?);
        self.keys.insert(tenant, keys.clone()).await;
        Ok(keys)
    }

    /// Where the tenant is: the base of its API, console and pages, and the issuer of its tokens.
    #[must_use]
    pub fn tenant_url(&self, tenant: &Tenant) -> String {
        format!("{}{}", self.config.base_url(), tenant_path(tenant))
    }

    /// The name of the tenant's session cookie. Tenants that share an origin do not share it.
    #[must_use]
    pub fn cookie_name(&self, tenant: &Tenant) -> String {
        let prefix = if self.is_secure() { "__Host-" } else { "" };
        format!("{prefix}tenantry-{}", tenant.name)
    }

    /// Whether people reach the server by https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.config.base_url().starts_with("https:")
    }

    /// Every route of the server.
    #[must_use]
    pub fn routes(&self) -> impl Endpoint<Output = Response> + use<> {
        let app = self.clone();
        let inner = Arc::new(groups::routes().data(app.clone()));
        poem::endpoint::make(move |request: Request| {
            let (app, inner) = (app.clone(), inner.clone());
            async move {
                let routed = poem::endpoint::make(|mut request: Request| {
                    let (app, inner) = (app.clone(), inner.clone());
                    async move {
                        if let Some(answer) = app.answer_for_machines(&request).await? {
                            return Ok(answer);
                        }
                        let tenant = match app.resolve(&mut request).await {
                            Ok(tenant) => tenant,
                            Err(error) => return login::turn_away(&request, error).map_err(poem::Error::from),
                        };
                        request.set_data(tenant);
                        inner.call(request).await.map(IntoResponse::into_response)
                    }
                });
                Ok::<_, poem::Error>(http::frame(&routed, request, app.is_secure()).await)
            }
        })
    }

    /// `/healthz` and `/readyz` belong to no tenant.
    async fn answer_for_machines(&self, request: &Request) -> Result<Option<Response>> {
        match request.uri().path() {
            "/healthz" => {}
            "/readyz" => self.db.ping().await?,
            _ => return Ok(None),
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(Some(groups::only_read()));
        }
        Ok(Some(http::bytes("application/json", "no-store", r#"{"status":"ok"}"#)))
    }

    /// The tenant a request is for, and the request without the tenant's part of the path:
    /// `/t/<name>/…`, else `<name>.<public host>`, else the default one.
    async fn resolve(&self, request: &mut Request) -> Result<Tenant> {
        let by_host = self.tenant_of_host(request)?;
        let path = request.uri().path().to_owned();
        let in_path = path
            .strip_prefix("/t/")
            .map(|rest| rest.split_once('/').unwrap_or((rest, "")));
        let named = in_path.map(|(name, _)| name.to_owned());
        let below = in_path.map(|(_, rest)| format!("/{rest}"));
        let alias = groups::halo::resolve(below.as_deref().unwrap_or(&path));
        if let Some(to) = alias.or(below) {
            let query = request.uri().query().map(|query| format!("?{query}"));
            let to = to + query.as_deref().unwrap_or_default();
            *request.uri_mut() = to.parse().map_err(|_| Code::BadRequest)?;
        }
        let name = named.or(by_host).unwrap_or_else(|| tenant::DEFAULT.to_owned());
        let tenant = self.tenant(&name).await?.ok_or(Code::TenantNotFound)?;
        match tenant.state {
            State::Active => Ok(tenant),
            State::Suspended => Err(Code::TenantSuspended.into()),
            State::Founding | State::Deleting => Err(Code::TenantNotFound.into()),
        }
    }

    /// A target that names a host counts, and not the header; two headers are refused, since
    /// whatever is in front may have read the other one (RFC 9112 §3.2).
    fn tenant_of_host(&self, request: &Request) -> Result<Option<String>> {
        let mut headers = request.headers().get_all(header::HOST).iter();
        let header = headers.next();
        if headers.next().is_some() {
            return Err(Code::BadRequest.into());
        }
        let host = match (request.uri().host(), header) {
            (Some(host), _) => host,
            (None, Some(header)) => {
                let host = header.to_str().map_err(|_| Code::BadRequest)?;
                host.rsplit_once(':').map_or(host, |(host, _)| host)
            }
            (None, None) => return Ok(None),
        };
        let host = host.to_ascii_lowercase();
        let name = host.strip_suffix(&self.config.public_host());
        Ok(name.and_then(|name| name.strip_suffix('.')).map(str::to_owned))
    }

    async fn tenant(&self, name: &str) -> Result<Option<Tenant>> {
        if let Some(tenant) = self.tenants.get(name).await {
            return Ok(Some(tenant));
        }
        let found = self.find_tenant(name).await?;
        if let Some(tenant) = found.as_ref().filter(|tenant| tenant.state == State::Active) {
            self.tenants.insert(name.to_owned(), tenant.clone()).await;
        }
        Ok(found)
    }

    async fn find_tenant(&self, name: &str) -> Result<Option<Tenant>> {
        let found = self.db.run_system(Mode::Read, async |tx| tenant::find(tx, name).await);
        found.await
    }

    /// Checks the audit trail of a tenant, for the operator of the instance.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn verify_audit(&self, tenant: TenantId, head: Option<&str>) -> Result<Verdict> {
        let verify = async |tx: &Tx| audit::verify(tx, &self.master, head).await;
        self.db.run(tenant, Mode::Read, verify).await
    }

    /// Puts a policy of a tenant back to what it is by default, for the operator of the instance.
    /// Answers with `false` if there is none to put back.
    ///
    /// # Errors
    /// The database's.
    pub async fn reset_policy(&self, tenant: &str, policy: &str) -> Result<bool> {
        let Some(tenant) = self.find_tenant(tenant).await? else {
            return Ok(false);
        };
        let act = audit::Act {
            actor: None,
            client: None,
            action: "policies:update",
            object: "*",
            outcome: audit::Outcome::Done,
        };
        let reset = async |tx: &Tx| {
            let there = setting::forget(tx, policy).await?;
            if there {
                audit::append(tx, &self.master, act).await?;
            }
            Ok(there)
        };
        self.db.run(tenant.id, Mode::Write, reset).await
    }

    fn jobs(&self) -> Jobs {
        Jobs::new([Box::new(MailJob(self.clone())) as Box<dyn Job>])
    }

    /// Does the jobs of all tenants until `stop` resolves.
    pub async fn work(&self, stop: impl Future<Output = ()>) {
        job::run(&self.db, &self.jobs(), stop).await;
    }

    /// Does the jobs that are due now, and returns how many attempts that took.
    ///
    /// # Errors
    /// What is due cannot be read.
    pub async fn work_off(&self) -> Result<usize> {
        job::drain(&self.db, &self.jobs()).await
    }

    /// Closes the databases.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// The part of a path that names the tenant; empty for the default one.
#[must_use]
pub fn tenant_path(tenant: &Tenant) -> String {
    match tenant.name.as_str() {
        tenant::DEFAULT => String::new(),
        name => format!("/t/{name}"),
    }
}

async fn master_key(config: &Config) -> anyhow::Result<MasterKey> {
    if let Some(text) = &config.master_key {
        return Ok(MasterKey::parse(text)?);
    }
    let generated = config.data_dir.join("master.key");
    let path = config.master_key_file.as_deref().unwrap_or(&generated);
    match tokio::fs::read_to_string(path).await {
        Ok(text) => MasterKey::parse(&text).with_context(|| format!("reading {}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && config.master_key_file.is_none() => {
            anyhow::ensure!(
                config.database_url.is_none(),
                "with PostgreSQL set TENANTRY_MASTER_KEY, the same on every node; for a new one: openssl rand -base64 32"
            );
            write_key(path).await
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
