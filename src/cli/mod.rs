//! The command line: texts for people, exit codes for scripts.

mod application;
mod backup;
mod doctor;
mod key;
mod log;
mod message;
mod provider;
mod sender;
mod serve;
mod session;
mod tenant;
mod user;
mod user_file;

use crate::{
    audit,
    config::{self, Config},
    context::Operator,
    groups,
    kit::{
        clock::Clock,
        db::{Mode, SystemTx},
        error::Error,
        openapi::Form,
    },
    permission,
    server::Server,
    tenant::{Tenant, TenantRow},
};
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use std::{
    io::{BufRead, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};
use zeroize::Zeroizing;

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
    /// List the keys of the configuration, their values in force, and where these come from
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
    Tenant(tenant::TenantCommand),
    /// List, create, import and export users, set their passwords and roles, keep them out and let them in
    #[command(subcommand)]
    User(user::UserCommand),
    /// List and create applications, and change their secrets
    #[command(subcommand)]
    Application(application::ApplicationCommand),
    /// End sessions
    #[command(subcommand)]
    Session(session::SessionCommand),
    /// Send messages again
    #[command(subcommand)]
    Message(message::MessageCommand),
    /// List the relays that mail leaves by, and try one
    #[command(subcommand)]
    Sender(sender::SenderCommand),
    /// List the providers that people sign in through, and try one
    #[command(subcommand)]
    Provider(provider::ProviderCommand),
    /// List and rotate the keys that tokens are signed with
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Write a tenant into a file, and look at such files
    #[command(subcommand)]
    Backup(backup::BackupCommand),
    /// Put what a file has in the place of what its tenant has, or make that tenant anew
    Restore(backup::Restore),
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
            Command::Config => list_keys(file),
            Command::Openapi { directory, check } => write_documents(&directory, check),
            Command::Serve => Box::pin(serve::run(Config::load(file)?)).await,
            Command::Migrate => {
                let server = Server::open(Config::load(file)?, Clock::default(), true).await?;
                server.close().await;
                say("The schema is up to date.")
            }
            Command::Tenant(command) => at_work(file, async |server| command.run(server).await).await,
            Command::User(command) => at_work(file, async |server| command.run(server).await).await,
            Command::Application(command) => at_work(file, async |server| command.run(server).await).await,
            Command::Session(command) => at_work(file, async |server| command.run(server).await).await,
            Command::Message(command) => at_work(file, async |server| command.run(server).await).await,
            Command::Sender(command) => at_work(file, async |server| command.run(server).await).await,
            Command::Provider(command) => at_work(file, async |server| command.run(server).await).await,
            Command::Key(command) => at_work(file, async |server| command.run(server).await).await,
            Command::Backup(command) => at_work(file, async |server| command.run(server).await).await,
            Command::Restore(command) => at_work(file, async |server| command.run(server).await).await,
            Command::Audit(AuditCommand::Verify { tenant, head }) => {
                let verify = async |server: &Server| verify_audit(server, tenant.as_deref(), head.as_deref()).await;
                at_work(file, verify).await
            }
            Command::Permissions => say(permission::matrix(&groups::documents()).trim_end()),
            Command::Doctor => doctor::run(Config::load(file)?).await,
        }
    }
}

/// Runs a command on the databases, beside a server that may be running.
async fn at_work(file: Option<&Path>, command: impl AsyncFnOnce(&Server) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let server = Server::open(Config::load(file)?, Clock::default(), false).await?;
    let done = command(&server).await;
    server.close().await;
    done
}

/// The tenant a command is about.
#[derive(Debug, Args)]
struct InTenant {
    /// The tenant's name
    #[arg(long, value_name = "NAME", default_value = "default")]
    tenant: String,
}

impl InTenant {
    async fn find(&self, server: &Server) -> anyhow::Result<Tenant> {
        find_tenant(server, &self.tenant).await
    }
}

async fn find_tenant(server: &Server, name: &str) -> anyhow::Result<Tenant> {
    let found = server.find_tenant(name).await?;
    Ok(found.with_context(|| format!("there is no tenant {name}"))?.into())
}

/// The password of somebody, as a command is given it.
#[derive(Debug, Args)]
struct PasswordArguments {
    /// Read the password from the first line of standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordArguments {
    /// The password that was given, if one was: else one is generated, and shown once.
    fn read(&self) -> anyhow::Result<Option<Zeroizing<String>>> {
        if !self.password_stdin {
            return Ok(None);
        }
        let mut line = Zeroizing::new(String::new());
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .context("reading standard input")?;
        let length = line.trim_end_matches(['\r', '\n']).len();
        line.truncate(length);
        Ok(Some(line))
    }
}

/// What a rule refused, in words for people.
fn in_words(error: Error) -> anyhow::Error {
    match error {
        Error::Internal(cause) => cause,
        refusal => anyhow::anyhow!("{}", refusal.message()),
    }
}

async fn list_tenants(server: &Server) -> anyhow::Result<Vec<TenantRow>> {
    let list = async |tx: &SystemTx| crate::tenant::list(tx).await;
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

fn list_keys(file: Option<&Path>) -> anyhow::Result<()> {
    let loaded = Config::load_with_sources(file);
    let (values, sources) = match &loaded {
        Ok((config, sources)) => (toml::Table::try_from(config)?, sources.clone()),
        Err(_) => Default::default(),
    };
    say("In a TOML file (--config FILE) by these names, in the environment as TENANTRY_<NAME>.")?;
    say("A secret may be in a file of its own: <name>_file, TENANTRY_<NAME>_FILE.\n")?;
    for (key, meaning) in config::KEYS {
        say(format!("  {key:<20} {meaning}"))?;
        let value = match values.get(*key) {
            None => continue,
            Some(_) if config::SECRETS.contains(key) => "(secret)".to_owned(),
            Some(value) => value.to_string(),
        };
        let source = sources.get(*key).map_or("default".to_owned(), ToString::to_string);
        say(format!("  {:<20} = {value}   ({source})", ""))?;
    }
    // The keys are what somebody with a wrong configuration looks for.
    loaded.map(drop)
}

fn write_documents(directory: &Path, check: bool) -> anyhow::Result<()> {
    let documents = groups::documents();
    for (form, document) in Form::ALL
        .iter()
        .flat_map(|form| documents.iter().map(move |document| (form, document)))
    {
        let directory = directory.join(form.folder());
        let file = directory.join(document.name).with_added_extension("json");
        let text = document.text(*form);
        if !check {
            std::fs::create_dir_all(&directory).with_context(|| format!("creating {}", directory.display()))?;
            std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        } else if std::fs::read_to_string(&file).unwrap_or_default() != text {
            bail!("{} is not current; run `make openapi`", file.display());
        }
    }
    Ok(())
}
