//! The command line: texts for people, exit codes for scripts.

mod doctor;
mod log;

use crate::{
    app, audit,
    config::{self, Config},
    context::Operator,
    groups,
    kit::{
        clock::Clock,
        db::{Mode, SystemTx, Tx},
        error::{Code, Error},
        serve,
        text::DisplayName,
    },
    permission,
    server::Server,
    setting,
    tenant::{self, Owner},
    worker,
};
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use std::{
    io::{BufRead, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// How long requests that run at the end may still take.
const DRAIN: Duration = Duration::from_secs(10);

/// Users, sign-in, e-mail verification and permissions for many tenants.
#[derive(Debug, Parser)]
#[command(name = "tenantry", version)]
pub struct Cli {
    /// A TOML file of configuration; the environment (`TENANTRY_*`) overrides it
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve (this is what happens without a command)
    Serve,
    /// Bring the database's schema up to date
    Migrate,
    /// List the keys of the configuration
    Config,
    /// Write the groups' OpenAPI documents
    Openapi {
        /// Where to, one file a group
        directory: PathBuf,
        /// Write nothing; fail if a file is not current
        #[arg(long)]
        check: bool,
    },
    /// Create, list, suspend, resume and delete tenants
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Check the audit trails of tenants
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print which built-in role has which permission, and which operations need it
    Permissions,
    /// Check configuration, database, mail and clock, and say what to mend
    Doctor,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Compute every event's hash anew; fails if one is not as it was written
    Verify {
        /// The tenant's name; all tenants if not given
        #[arg(long)]
        tenant: Option<String>,
        /// A head that was noted before, as NUMBER:HASH: fails if the trail no longer has it
        #[arg(long, requires = "tenant")]
        head: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// Create a tenant and its first owner
    Create(CreateTenant),
    /// List the tenants
    List,
    /// Stop a tenant; nothing is lost
    Suspend {
        /// The tenant's name
        name: String,
    },
    /// Let a suspended tenant answer again
    Resume {
        /// The tenant's name
        name: String,
    },
    /// Put a policy of a tenant back to what it is by default, such as one that keeps everybody out
    ResetPolicy {
        /// The tenant's name
        name: String,
        /// The policy: authentication, branding, captcha, limits, password, sessions or sign-up
        policy: String,
    },
    /// Remove a tenant and everything it owns
    Delete {
        /// The tenant's name
        name: String,
        /// Do it: there is no way back
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
struct CreateTenant {
    /// The word in /t/NAME and in host names: 1 to 40 of a-z, 0-9 and -
    name: String,
    /// What people call it; the name if not given
    #[arg(long)]
    display_name: Option<String>,
    /// Name of its first owner
    #[arg(long, default_value = "admin")]
    owner: String,
    /// Address of its first owner
    #[arg(long)]
    owner_email: String,
    /// Read the owner's password from the first line of standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
}

impl Cli {
    /// Runs the command. 0: done; 1: it failed, and standard error says why.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let done = runtime
            .context("starting")
            .and_then(|runtime| runtime.block_on(self.execute()));
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "tenantry: {error:#}");
                ExitCode::FAILURE
            }
        }
    }

    async fn execute(self) -> anyhow::Result<()> {
        let file = self.config.as_deref();
        match self.command.unwrap_or(Command::Serve) {
            Command::Config => list_keys(),
            Command::Openapi { directory, check } => write_documents(&directory, check),
            Command::Serve => start(Config::load(file)?).await,
            Command::Migrate => {
                Server::open(Config::load(file)?, Clock::default(), true)
                    .await?
                    .close()
                    .await;
                say("The schema is up to date.")
            }
            Command::Tenant(command) => {
                let server = Server::open(Config::load(file)?, Clock::default(), false).await?;
                let done = command.run(&server).await;
                server.close().await;
                done
            }
            Command::Audit(AuditCommand::Verify { tenant, head }) => {
                let server = Server::open(Config::load(file)?, Clock::default(), false).await?;
                let done = verify_audit(&server, tenant.as_deref(), head.as_deref()).await;
                server.close().await;
                done
            }
            Command::Permissions => say(permission::matrix(&groups::documents()).trim_end()),
            Command::Doctor => doctor::run(Config::load(file)?).await,
        }
    }
}

async fn list_tenants(server: &Server) -> anyhow::Result<Vec<tenant::TenantRow>> {
    let list = async |tx: &SystemTx| tenant::list(tx).await;
    Ok(server.services.db.run_system(Mode::Read, list).await?)
}

async fn verify_audit(server: &Server, only: Option<&str>, head: Option<&str>) -> anyhow::Result<()> {
    let mut tenants = list_tenants(server).await?;
    tenants.retain(|tenant| only.is_none_or(|name| tenant.name == name));
    anyhow::ensure!(only.is_none() || !tenants.is_empty(), "there is no such tenant");
    let mut broken = 0;
    for tenant in tenants {
        let found = Operator::new(&server.services, tenant.id)
            .read(async |tx| audit::verify(tx, &server.services.master, head).await)
            .await?;
        let verdict = match (found.broken_at, found.has_head) {
            (Some(event), _) => format!("BROKEN at event {event}; intact up to"),
            (None, false) => "BROKEN: it does not have the head that was noted; intact up to".to_owned(),
            (None, true) => "intact;".to_owned(),
        };
        broken += usize::from(!found.is_intact());
        say(format!("{:<40}  {verdict} {}", tenant.name, found.head))?;
    }
    anyhow::ensure!(broken == 0, "{broken} of the audit trails are not as they were written");
    Ok(())
}

/// The answer of a command goes to standard output.
fn say(text: impl std::fmt::Display) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}").context("writing to standard output")
}

fn list_keys() -> anyhow::Result<()> {
    say("In a TOML file (--config FILE) by these names, in the environment as TENANTRY_<NAME>:\n")?;
    config::KEYS
        .iter()
        .try_for_each(|(key, meaning)| say(format!("  {key:<16} {meaning}")))
}

fn write_documents(directory: &Path, check: bool) -> anyhow::Result<()> {
    for document in groups::documents() {
        let file = directory.join(document.name).with_added_extension("json");
        let text = document.text();
        if !check {
            std::fs::create_dir_all(directory).with_context(|| format!("creating {}", directory.display()))?;
            std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        } else if std::fs::read_to_string(&file).unwrap_or_default() != text {
            bail!("{} is not current; run `make openapi`", file.display());
        }
    }
    Ok(())
}

async fn start(config: Config) -> anyhow::Result<()> {
    let _log = log::start(&config)?;
    let listen = config.listen.clone();
    // Before anything is made: a second server on this port should leave no trace.
    let listener = tokio::net::TcpListener::bind(&listen).await;
    let listener = listener.with_context(|| format!("listening on {listen}"))?;
    let (server, first) = Server::start(config, Clock::default()).await?;
    if let Some(owner) = first {
        let password = match &owner.password {
            Some(password) => format!("the password {} (shown only now)", password.as_str()),
            None => "the configured password".to_owned(),
        };
        say(format!("First start: sign in as {} with {password}.", owner.name))?;
    }
    let base = server.config.base_url();
    say(format!("Console: {base}/console/   Swagger UI: {base}/swagger-ui/"))?;
    let (stop, _) = tokio::sync::watch::channel(());
    let stopped = || {
        let mut stopped = stop.subscribe();
        async move {
            let _ = stopped.changed().await;
        }
    };
    let (worker_stop, server_stop) = (stopped(), stopped());
    let worker = async { server.work(&worker::jobs(&server), worker_stop).await };
    let limits = server.config.limits(descriptors());
    let serving = serve::run(listener, app::routes(&server), limits, server_stop, DRAIN);
    let signal = async {
        terminated().await;
        tracing::info!(
            "stopping: requests and messages under way have {} seconds",
            DRAIN.as_secs()
        );
        let _ = stop.send(());
    };
    tokio::join!(serving, worker, signal);
    server.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// How many descriptors the process may have. It asks for as many as it is let: what a shell gives at first
/// is little, for programs that cannot count above it.
fn descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum.unwrap_or(u64::MAX),
        Err(_) => current.unwrap_or(u64::MAX),
    }
}

/// Resolves at SIGTERM or SIGINT.
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(interrupt.await),
    }
}

impl TenantCommand {
    async fn run(self, server: &Server) -> anyhow::Result<()> {
        match self {
            Self::Create(new) => new.run(server).await,
            Self::List => {
                let tenants = list_tenants(server).await?;
                tenants.iter().try_for_each(|tenant| {
                    let state = sea_orm::ActiveEnum::to_value(&tenant.state);
                    say(format!("{:<40}  {state:<10}  {}", tenant.name, tenant.display_name))
                })
            }
            Self::Suspend { name } => set_suspended(server, &name, true).await,
            Self::Resume { name } => set_suspended(server, &name, false).await,
            Self::ResetPolicy { name, policy } => {
                let there = reset_policy(server, &name, &policy).await?;
                anyhow::ensure!(there, "the tenant {name} has not set a policy {policy}");
                say(format!("The policy {policy} of {name} is as by default."))
            }
            Self::Delete { name, yes } => {
                anyhow::ensure!(name != tenant::DEFAULT, "the default tenant cannot be deleted");
                anyhow::ensure!(
                    yes,
                    "this removes all of {name} and has no way back; say --yes to do it"
                );
                anyhow::ensure!(
                    tenant::remove(&server.services.db, &name).await?,
                    "there is no tenant {name}"
                );
                say(format!("The tenant {name} is gone."))
            }
        }
    }
}

/// Puts a policy of a tenant back to what it is by default. Answers with `false` if there is none to
/// put back.
async fn reset_policy(server: &Server, name: &str, policy: &str) -> anyhow::Result<bool> {
    let Some(tenant) = server.find_tenant(name).await? else {
        return Ok(false);
    };
    let operator = Operator::new(&server.services, tenant.id);
    let forget = async |tx: &Tx| setting::forget(tx, policy).await;
    Ok(operator.write("policies:update", forget).await?)
}

async fn set_suspended(server: &Server, name: &str, suspended: bool) -> anyhow::Result<()> {
    anyhow::ensure!(name != tenant::DEFAULT, "the default tenant cannot be suspended");
    let set = async |tx: &SystemTx| tenant::set_suspended(tx, name, suspended).await;
    let there = server.services.db.run_system(Mode::Write, set).await?;
    anyhow::ensure!(there, "there is no tenant {name} to change");
    say(format!(
        "The tenant {name} is {}.",
        if suspended { "suspended" } else { "active" }
    ))
}

impl CreateTenant {
    async fn run(self, server: &Server) -> anyhow::Result<()> {
        let name = tenant::parse_name(&self.name)?;
        let display_name = self.display_name.as_deref().unwrap_or(&name);
        let display_name: DisplayName = display_name
            .parse()
            .map_err(|why| anyhow::anyhow!("the display name {why}"))?;
        let mut password = crate::kit::secret::new_token().0;
        if self.password_stdin {
            let mut line = zeroize::Zeroizing::new(String::new());
            std::io::stdin()
                .lock()
                .read_line(&mut line)
                .context("reading standard input")?;
            line.trim_end_matches(['\r', '\n']).clone_into(&mut password);
        }
        let owner = Owner::new(&server.passwords, &self.owner, &self.owner_email, &password).await?;
        let owner_name = owner.name.to_string();
        match tenant::provision(&server.services, &name, &display_name, owner).await {
            Ok(true) => {}
            Ok(false) | Err(Error::Refused(Code::Busy)) => bail!("there is a tenant {name} already"),
            Err(error) => return Err(error.into()),
        }
        say(format!(
            "The tenant {name} lives at {}/t/{name}/",
            server.config.base_url()
        ))?;
        match self.password_stdin {
            true => say(format!("Sign in as {owner_name}.")),
            false => say(format!(
                "Sign in as {owner_name} with the password {} (shown only now).",
                *password
            )),
        }
    }
}
