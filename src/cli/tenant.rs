//! `tenantry tenant`: tenants, and what an operator does for one.

use super::{PasswordArguments, find_tenant, list_tenants, say, user};
use crate::{
    access::policy,
    account::{self, SignUp, Tenancy},
    captcha::Captcha,
    context::Operator,
    kit::{
        db::{Mode, SystemTx, Tx},
        error::{Code, Error},
        text::{DisplayName, Email, TenantName, UserName},
    },
    limit::Limits,
    password,
    quota::{self, Quota, Quotas},
    server::Server,
    session::Sessions,
    setting::{self, Authentication, Branding, CrossOrigin, Setting},
    tenant::{self as tenants, DEFAULT, Owner},
    user::NewUser,
};
use anyhow::bail;
use clap::{Args, Subcommand};

/// The policies that a tenant may set.
const POLICIES: [&str; 8] = [
    Authentication::NAME,
    Branding::NAME,
    Captcha::NAME,
    CrossOrigin::NAME,
    Limits::NAME,
    password::Policy::NAME,
    Sessions::NAME,
    SignUp::NAME,
];

#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Create a tenant and its first owner
    Create(CreateTenant),
    /// Add another owner to a tenant, such as one whose owners are all locked out
    AddOwner(AddOwner),
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
    /// Keep a tenant that is to be deleted
    Undelete {
        /// The tenant's name
        name: String,
    },
    /// Show what a tenant may have at most, or decide it
    Quotas {
        /// The tenant's name
        name: String,
        /// QUOTA=NUMBER, as users=1000; without a number there is none. Others stay as they are
        #[arg(value_parser = parse_quota)]
        set: Vec<(Quota, Option<u64>)>,
    },
    /// Put a policy of a tenant back to what it is by default, such as one that keeps everybody out
    ResetPolicy {
        /// The tenant's name
        name: String,
        /// The policy
        #[arg(value_parser = POLICIES)]
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
pub(super) struct CreateTenant {
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
    #[command(flatten)]
    password: PasswordArguments,
}

#[derive(Debug, Args)]
pub(super) struct AddOwner {
    /// The tenant's name
    name: String,
    /// Name of the owner
    #[arg(long)]
    owner: UserName,
    /// Address of the owner
    #[arg(long)]
    owner_email: Email,
    #[command(flatten)]
    password: PasswordArguments,
}

impl TenantCommand {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        match self {
            Self::Create(new) => new.run(server).await,
            Self::AddOwner(new) => {
                let tenant = find_tenant(server, &new.name).await?;
                let owner = NewUser {
                    proven: true,
                    roles: vec![policy::OWNER.to_owned()],
                    ..NewUser::new(new.owner, new.owner_email)
                };
                user::create(server, tenant, owner, &new.password).await
            }
            Self::List => {
                let tenants = list_tenants(server).await?;
                if !tenants.is_empty() {
                    say(format!("{:<40}  {:<10}  DISPLAY NAME", "NAME", "STATE"))?;
                }
                tenants.iter().try_for_each(|tenant| {
                    let state = sea_orm::ActiveEnum::to_value(&tenant.state);
                    say(format!("{:<40}  {state:<10}  {}", tenant.name, tenant.display_name))
                })
            }
            Self::Suspend { name } => set_suspended(server, &name, true).await,
            Self::Resume { name } => set_suspended(server, &name, false).await,
            Self::Undelete { name } => {
                let keep = async |tx: &SystemTx| {
                    let Some(old) = tenants::find(tx, &name).await? else {
                        return Ok(false);
                    };
                    tenants::save(tx, &old, old.clone().kept()).await?;
                    Ok(true)
                };
                let there = server.services.db.run_system(Mode::Write, keep).await?;
                anyhow::ensure!(there, "there is no tenant {name}");
                say(format!("The tenant {name} is kept."))
            }
            Self::Quotas { name, set } => quotas(server, &name, set).await,
            Self::ResetPolicy { name, policy } => {
                let tenant = find_tenant(server, &name).await?;
                let operator = Operator::new(&server.services, tenant.id);
                let forget = async |tx: &Tx| setting::forget(tx, &policy).await;
                let was_set = operator.write("policies:update", &policy, forget).await?;
                anyhow::ensure!(was_set, "the policy {policy} of {name} is as by default already");
                say(format!("The policy {policy} of {name} is as by default."))
            }
            Self::Delete { name, yes } => {
                anyhow::ensure!(name != DEFAULT, "the default tenant cannot be deleted");
                anyhow::ensure!(
                    yes,
                    "this removes all of {name} and has no way back; say --yes to do it"
                );
                anyhow::ensure!(
                    tenants::remove(&server.services.db, &*server.files, &name).await?,
                    "there is no tenant {name}"
                );
                say(format!("The tenant {name} is gone."))
            }
        }
    }
}

fn parse_quota(text: &str) -> Result<(Quota, Option<u64>), String> {
    let (name, value) = text.split_once('=').ok_or("wants QUOTA=NUMBER")?;
    let found = Quota::ALL.into_iter().find(|quota| quota.name() == name);
    let known = || Quota::ALL.map(Quota::name).join(", ");
    let quota = found.ok_or_else(|| format!("is none of {}", known()))?;
    match value {
        "" => Ok((quota, None)),
        value => Ok((quota, Some(value.parse().map_err(|_| format!("{value} is no number"))?))),
    }
}

async fn quotas(server: &Server, name: &str, set: Vec<(Quota, Option<u64>)>) -> anyhow::Result<()> {
    let tenant = find_tenant(server, name).await?;
    let operator = Operator::new(&server.services, tenant.id);
    let change = async |tx: &Tx| {
        let mut quotas = quota::all(tx).await?;
        for (quota, value) in set {
            match value {
                Some(value) => quotas.insert(quota, value),
                None => quotas.remove(&quota),
            };
        }
        quota::set(tx, &quotas).await?;
        Ok((quotas, account::usage(tx).await?))
    };
    let (quotas, used) = operator.write("tenants/quotas:update", "*", change).await?;
    say(format!("{:<16}  {:>16}  {:>16}", "QUOTA", "AT MOST", "USED"))?;
    Quota::ALL.into_iter().try_for_each(|quota| {
        let shown = |value: Option<&u64>| value.map_or_else(|| "-".to_owned(), ToString::to_string);
        let (most, used) = (shown(quotas.get(&quota)), shown(used.get(&quota)));
        say(format!("{:<16}  {most:>16}  {used:>16}", quota.name()))
    })
}

async fn set_suspended(server: &Server, name: &str, suspended: bool) -> anyhow::Result<()> {
    anyhow::ensure!(name != DEFAULT, "the default tenant cannot be suspended");
    let set = async |tx: &SystemTx| tenants::set_suspended(tx, name, suspended).await;
    let there = server.services.db.run_system(Mode::Write, set).await?;
    anyhow::ensure!(there, "there is no tenant {name} to change");
    say(format!(
        "The tenant {name} is {}.",
        if suspended { "suspended" } else { "active" }
    ))
}

impl CreateTenant {
    async fn run(self, server: &Server) -> anyhow::Result<()> {
        let name: TenantName = self
            .name
            .parse()
            .map_err(|why| anyhow::anyhow!("the name of the tenant {why}"))?;
        tenants::check_new_name(&name).map_err(|_| anyhow::anyhow!("the name {name} is reserved"))?;
        let name = name.to_string();
        let display_name = self.display_name.as_deref().unwrap_or(&name);
        let display_name: DisplayName = display_name
            .parse()
            .map_err(|why| anyhow::anyhow!("the display name {why}"))?;
        let given = self.password.read()?;
        let owner = Owner::new(
            &self.owner,
            &self.owner_email,
            given.as_ref().map(|given| given.as_str()),
        )?;
        let owner_name = owner.name.to_string();
        let made = given.is_none().then(|| owner.password.clone());
        let services = &server.services;
        let quotas = Tenancy::read(services).await?.quotas(&Quotas::new());
        let limited = async |tx: &Tx| quota::set(tx, &quotas).await;
        match tenants::provision(services, &server.passwords, &name, &display_name, owner, limited).await {
            Ok(true) => {}
            Ok(false) => bail!("there is a tenant {name} already"),
            Err(Error::Refused(code @ Code::TenantNameTaken)) => bail!("{}", code.detail()),
            Err(error) => return Err(error.into()),
        }
        let base = server.config.base_url();
        say(format!("The tenant {name} lives at {base}/t/{name}/"))?;
        say(format!("Console: {base}/t/{name}/console/"))?;
        user::say_password(&owner_name, made.as_ref())
    }
}
