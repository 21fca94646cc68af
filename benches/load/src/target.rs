//! The servers that are measured, each with its data, all on the same core.

use crate::{
    client::{Connection, request},
    cpu,
};
use anyhow::{Context, bail};
use load::filling::Database;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Executor};
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub(crate) const PASSWORD: &str = "a password for the bench";
/// People with a password, `person-0` and on.
pub(crate) const PEOPLE: usize = 64;
/// Users of the smaller tenant.
pub(crate) const FEW: usize = 1_000;
/// Where servers run.
pub(crate) const CORE: usize = 0;

const CONSOLE: &str = "/apis/console/v1alpha1";
/// How long a server may take to start, and to finish what it was asked.
const PATIENCE: Duration = Duration::from_mins(2);

/// Whose server it is, and so what it understands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Tenantry,
    BetterAuth,
    OidcProvider,
}

/// What to measure.
pub(crate) struct Candidate {
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    /// The binary, or the directory of a peer.
    pub(crate) path: PathBuf,
}

/// Where the servers keep their data.
pub(crate) struct Storage<'a> {
    pub(crate) directory: &'a Path,
    /// A PostgreSQL in which each server gets a database.
    pub(crate) postgres: Option<&'a str>,
    /// Users of the larger tenant.
    pub(crate) users: usize,
}

/// A server that runs as long as this lives.
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    pub(crate) address: String,
    pub(crate) users: usize,
    /// Whether its database is in its own process.
    pub(crate) is_alone: bool,
    child: Child,
    log: PathBuf,
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Target {
    /// Starts a server on an empty directory and fills it.
    pub(crate) async fn start(candidate: &Candidate, storage: &Storage<'_>) -> anyhow::Result<Self> {
        let directory = storage.directory.join(&candidate.name);
        std::fs::create_dir(&directory)?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let database = match candidate.dialect {
            Dialect::Tenantry => create_database(&candidate.name, storage.postgres).await?,
            Dialect::BetterAuth | Dialect::OidcProvider => None,
        };
        let mut command = match candidate.dialect {
            Dialect::Tenantry => tenantry(&candidate.path, &address, &directory, database.as_deref()),
            Dialect::BetterAuth => better_auth(&candidate.path, &address, &directory, storage.users),
            Dialect::OidcProvider => oidc_provider(&candidate.path, &address),
        };
        let log = directory.join("log");
        let output = File::create(&log)?;
        let child = command.stdout(output.try_clone()?).stderr(output).spawn()?;
        let mut target = Self {
            name: candidate.name.clone(),
            dialect: candidate.dialect,
            address,
            users: storage.users,
            is_alone: database.is_none(),
            child,
            log,
        };
        target.ready().await?;
        match target.dialect {
            Dialect::Tenantry => {
                let again = tenantry(&candidate.path, &target.address, &directory, database.as_deref());
                create_tenant(again)?;
                target.fill(&directory, database.as_deref()).await?;
            }
            Dialect::BetterAuth => target.sign_up().await?,
            // Its applications are in its configuration.
            Dialect::OidcProvider => {}
        }
        Ok(target)
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let (begun, healthz) = (Instant::now(), request("GET", "/healthz", &[], None));
        while begun.elapsed() < PATIENCE {
            if let Ok(mut connection) = Connection::open(&self.address).await
                && connection.send(&healthz).await? == 200
            {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let log = std::fs::read_to_string(&self.log)?;
        bail!("{} did not become ready:\n{log}", self.name)
    }

    /// Two tenants' users, people who can sign in to the larger, and no limits there.
    async fn fill(&self, directory: &Path, database: Option<&str>) -> anyhow::Result<()> {
        let mut connection = self.connect().await?;
        for (base, users) in [("", self.users), (SMALL, FEW)] {
            let token = self.owner(base).await?;
            let me = request(
                "GET",
                &format!("{base}/auth/v1/users/me"),
                &[("authorization", &token)],
                None,
            );
            let me = connection.json(&me).await?;
            let tenant = me["user"]["details"]["resourceOwner"].as_str();
            let tenant = tenant.and_then(|id| id.strip_prefix("ten_")).context("a tenant's id")?;
            Database::of(tenant, directory, database).fill(users).await?;
        }
        let token = self.owner("").await?;
        for person in 0..PEOPLE {
            let name = name(person);
            let new = json!({
                "name": name,
                "email": format!("{name}@example.com"),
                "password": PASSWORD,
                "mustChangePassword": false,
            });
            let new = call("POST", "/users", &token, Some(&new));
            connection.json(&new).await?;
        }
        let mut policy = connection.json(&call("GET", "/policies/limits", &token, None)).await?;
        for (_, limit) in policy["spec"].as_object_mut().context("limits")? {
            if limit["seconds"].is_number() {
                *limit = json!({ "most": 1_000_000, "seconds": 1 });
            }
        }
        let policy = json!({ "spec": policy["spec"] });
        connection
            .json(&call("PUT", "/policies/limits", &token, Some(&policy)))
            .await?;
        Ok(())
    }

    /// The people of a peer, who sign up themselves.
    async fn sign_up(&self) -> anyhow::Result<()> {
        let mut connection = self.connect().await?;
        for person in 0..PEOPLE {
            let name = name(person);
            let new = json!({ "name": name, "email": format!("{name}@example.com"), "password": PASSWORD });
            connection
                .json(&request("POST", "/api/auth/sign-up/email", &[], Some(&new)))
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn connect(&self) -> anyhow::Result<Connection> {
        let connection = Connection::open(&self.address).await;
        connection.with_context(|| format!("{} does not answer", self.name))
    }

    /// The header that makes a request one of the owner of the tenant below this path.
    pub(crate) async fn owner(&self, base: &str) -> anyhow::Result<String> {
        let tokens = self.connect().await?.json(&sign_in(base, "admin")).await?;
        bearer(&tokens)
    }

    /// The time this server has had.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        cpu::of(self.child.id())
    }

    /// Waits until the server has nothing left to do, such as mail.
    pub(crate) fn settle(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let before = self.cpu()?;
            std::thread::sleep(Duration::from_millis(300));
            if self.cpu()?.saturating_sub(before) <= Duration::from_millis(20) {
                return Ok(());
            }
        }
        bail!("{} does not come to rest", self.name)
    }
}

/// The path of the smaller tenant.
pub(crate) const SMALL: &str = "/t/small";

pub(crate) fn name(person: usize) -> String {
    format!("person-{person}")
}

pub(crate) fn sign_in(base: &str, name: &str) -> Vec<u8> {
    let given = json!({ "username": name, "password": PASSWORD });
    request("POST", &format!("{base}/v1/login"), &[], Some(&given))
}

/// The header of who got these tokens.
pub(crate) fn bearer(tokens: &Value) -> anyhow::Result<String> {
    let token = tokens["accessToken"].as_str().context("a token")?;
    Ok(format!("Bearer {token}"))
}

/// A request to the console's API of the larger tenant.
pub(crate) fn call(method: &str, path: &str, authorization: &str, body: Option<&Value>) -> Vec<u8> {
    let headers = [("authorization", authorization)];
    request(method, &format!("{CONSOLE}{path}"), &headers, body)
}

/// A program on the core of the servers, that ends with this one.
pub(crate) fn pinned(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", "taskset", "-c", &CORE.to_string()]);
    command.arg(program).stdin(Stdio::null());
    command
}

/// The server with its configuration.
fn tenantry(binary: &Path, address: &str, directory: &Path, database: Option<&str>) -> Command {
    let mut command = pinned(binary);
    command
        .env("TENANTRY_LISTEN", address)
        .env("TENANTRY_DATA_DIR", directory)
        .env("TENANTRY_ADMIN_PASSWORD", PASSWORD);
    if let Some(url) = database {
        // Of itself it makes a key only beside files.
        command
            .env("TENANTRY_DATABASE_URL", url)
            .env("TENANTRY_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    }
    command
}

fn better_auth(package: &Path, address: &str, directory: &Path, users: usize) -> Command {
    let mut command = pinned(Path::new("node"));
    command
        .arg(package.join("server.js"))
        .env("LISTEN", address)
        .env("DATA_DIR", directory)
        .env("USERS", users.to_string())
        .env("ADMIN_PASSWORD", PASSWORD);
    command
}

fn oidc_provider(package: &Path, address: &str) -> Command {
    let mut command = pinned(Path::new("node"));
    command.arg(package.join("server.js")).env("LISTEN", address);
    command
}

/// The smaller tenant, made by the command beside the running server.
fn create_tenant(mut create: Command) -> anyhow::Result<()> {
    create.args([
        "tenant",
        "create",
        "small",
        "--owner-email",
        "admin@localhost",
        "--password-stdin",
    ]);
    let mut child = create.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let mut input = child.stdin.take().context("standard input")?;
    writeln!(input, "{PASSWORD}")?;
    drop(input);
    anyhow::ensure!(child.wait()?.success(), "no tenant was made");
    Ok(())
}

/// Makes a database for this server, if there is one to make it in.
async fn create_database(name: &str, postgres: Option<&str>) -> anyhow::Result<Option<String>> {
    let Some(server) = postgres else {
        return Ok(None);
    };
    let mut db = sqlx::PgConnection::connect(&format!("{server}/tenantry")).await?;
    let create = format!("create database \"{name}\"");
    db.execute(AssertSqlSafe(create)).await?;
    db.close().await?;
    Ok(Some(format!("{server}/{name}")))
}

fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
