//! `tenantry user`: the acts of an administrator on users, for an operator who cannot sign in. The audit
//! trail has them as the operator's.

use super::{
    InTenant, PasswordArguments, in_words, say,
    user_file::{ExportUsers, ImportUsers},
};
use crate::{
    access::{Authority, Managed},
    account::{self, NewHash},
    context::Operator,
    kit::{
        db::Tx,
        error::Result,
        page::Page,
        text::{DisplayName, Email, NewPassword, RoleName, UserName},
    },
    password::{self, Accepted, Words},
    server::Server,
    setting,
    tenant::Tenant,
    user::{self, Detailed, NewUser, Summary, UserQuery},
};
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// List the users of a tenant, newest first
    List {
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Create a user
    Create(CreateUser),
    /// Add the users of a file; one who is there already stays as they are
    Import(ImportUsers),
    /// Write the users of a tenant to standard output, as imports take them
    Export(ExportUsers),
    /// Set a user's password; all of their sessions end
    SetPassword {
        /// The user's name
        name: UserName,
        #[command(flatten)]
        tenant: InTenant,
        #[command(flatten)]
        password: PasswordArguments,
        /// Have them choose another one at their next sign-in
        #[arg(long)]
        must_change: bool,
    },
    /// Give a user another name; nobody else gets the old one for 30 days
    Rename {
        /// The user's name
        name: UserName,
        /// What they sign in with from now on
        new: UserName,
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Give a user these roles and no others
    Grant {
        /// The user's name
        name: UserName,
        /// Names of roles; none takes all from them
        roles: Vec<RoleName>,
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Keep a user from signing in; all of their sessions end
    Disable {
        /// The user's name
        name: UserName,
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Let a user sign in again
    Enable {
        /// The user's name
        name: UserName,
        #[command(flatten)]
        tenant: InTenant,
    },
}

#[derive(Debug, Args)]
pub(super) struct CreateUser {
    /// What they sign in with
    name: UserName,
    /// Their address
    #[arg(long)]
    email: Email,
    /// Whether they need not prove the address
    #[arg(long)]
    verified: bool,
    /// What people see; the name if not given
    #[arg(long)]
    display_name: Option<DisplayName>,
    /// A role they have; may be repeated
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<RoleName>,
    #[command(flatten)]
    tenant: InTenant,
    #[command(flatten)]
    password: PasswordArguments,
}

impl UserCommand {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        match self {
            Self::List { tenant } => list(server, &tenant.find(server).await?).await,
            Self::Create(new) => {
                let tenant = new.tenant.find(server).await?;
                let user = NewUser {
                    proven: new.verified,
                    display_name: new.display_name,
                    roles: in_lower_case(&new.roles),
                    ..NewUser::new(new.name, new.email)
                };
                create(server, tenant, user, &new.password).await
            }
            Self::Import(import) => import.run(server).await,
            Self::Export(export) => export.run(server).await,
            Self::SetPassword {
                name,
                tenant,
                password,
                must_change,
            } => {
                let tenant = tenant.find(server).await?;
                set_password(server, tenant, &name, (&password, must_change)).await
            }
            Self::Rename { name, new, tenant } => {
                let tenant = tenant.find(server).await?;
                let rename =
                    async |tx: &Tx, authority: &Authority, user| account::rename(tx, authority, user, &new).await;
                let user = act_on(server, &tenant, ("users:rename", &name), rename).await?;
                say(format!("{name} is {} now.", user.user.name))
            }
            Self::Grant { name, roles, tenant } => {
                let tenant = tenant.find(server).await?;
                let grant = async |tx: &Tx, authority: &Authority, user| {
                    user::grant(tx, authority, user, in_lower_case(&roles)).await
                };
                let user = act_on(server, &tenant, ("users/permissions:create", &name), grant).await?;
                say(format!("{name} has the roles {}.", user.roles.join(", ")))
            }
            Self::Disable { name, tenant } => set_disabled(server, &tenant, &name, true).await,
            Self::Enable { name, tenant } => set_disabled(server, &tenant, &name, false).await,
        }
    }
}

fn in_lower_case(roles: &[RoleName]) -> Vec<String> {
    roles.iter().map(|role| role.to_string().to_lowercase()).collect()
}

/// Runs an act on the user of this name.
async fn act_on(
    server: &Server,
    tenant: &Tenant,
    (action, name): (&str, &UserName),
    act: impl AsyncFnOnce(&Tx, &Authority, Managed<Detailed>) -> Result<Detailed>,
) -> anyhow::Result<Detailed> {
    let operator = Operator::new(&server.services, tenant.id);
    let act = async |tx: &Tx, authority: Authority| {
        let user = user::get_managed(tx, &authority, name).await?;
        act(tx, &authority, user).await
    };
    operator.act(action, &name.to_string(), act).await.map_err(in_words)
}

async fn list(server: &Server, tenant: &Tenant) -> anyhow::Result<()> {
    let operator = Operator::new(&server.services, tenant.id);
    say(format!("{:<30}  {:<40}  {:<10}  ROLES", "NAME", "ADDRESS", "STATE"))?;
    let mut query = UserQuery::default();
    loop {
        let page = Page::new(None, Some(Page::MAX_SIZE)).map_err(in_words)?;
        let listed = operator.read(async |tx| user::list(tx, &query, page).await).await;
        let listed = listed.map_err(in_words)?;
        listed.items.iter().try_for_each(|user| say(line(user)))?;
        match listed.next {
            Some(next) => query.cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn line(user: &Summary) -> String {
    let state = match (user.disabled, user.email_verified) {
        (true, _) => "disabled",
        (false, false) => "unverified",
        (false, true) => "active",
    };
    let roles = user.roles.join(", ");
    format!("{:<30}  {:<40}  {state:<10}  {roles}", user.name, user.email)
}

/// Creates a user, and says their password if it was made here.
pub(super) async fn create(
    server: &Server,
    tenant: Tenant,
    mut new: NewUser,
    given: &PasswordArguments,
) -> anyhow::Result<()> {
    let given = given.read()?;
    let (name, address) = (new.name.to_string(), new.email.address().to_owned());
    let display_name = new.display_name.as_ref().map(ToString::to_string).unwrap_or_default();
    let about = Words::of([name.as_str(), &address, &display_name]);
    let (password, hash) = hash(server, &tenant, given.as_ref(), &about).await?;
    new.password_hash = Some(hash);
    let operator = Operator::new(&server.services, tenant.id);
    let invite = async |tx: &Tx, authority: Authority| user::invite(tx, &authority, new).await;
    let made = operator.act("users:create", &name, invite).await.map_err(in_words)?;
    say(format!("{} has the roles {}.", made.user.name, made.roles.join(", ")))?;
    say_password(&made.user.name, Some(&password).filter(|_| given.is_none()))
}

async fn set_password(
    server: &Server,
    tenant: Tenant,
    name: &UserName,
    (given, must_change): (&PasswordArguments, bool),
) -> anyhow::Result<()> {
    let given = given.read()?;
    let operator = Operator::new(&server.services, tenant.id);
    let about = operator.read(async |tx| user::words_of_name(tx, name).await).await;
    let (password, hash) = hash(server, &tenant, given.as_ref(), &about.map_err(in_words)?).await?;
    let new = NewHash {
        hash,
        must_change,
        keep: None,
        language: None,
    };
    let set = async |tx: &Tx, _: &Authority, user| account::override_password(tx, user, new).await;
    act_on(server, &tenant, ("users/password:update", name), set).await?;
    say(format!("The password of {name} is set, and their sessions have ended."))?;
    say_password(&name.to_string(), Some(&password).filter(|_| given.is_none()))
}

/// The password that was given, if the tenant's policy accepts it, or else one that is generated; with its hash.
async fn hash(
    server: &Server,
    tenant: &Tenant,
    given: Option<&Zeroizing<String>>,
    about: &Words,
) -> anyhow::Result<(Accepted, String)> {
    let accepted = match given {
        None => password::generate::<{ password::GENERATED }>(),
        Some(given) => {
            let new: NewPassword = given.parse().map_err(|why| anyhow::anyhow!("the password {why}"))?;
            let operator = Operator::new(&server.services, tenant.id);
            let policy = operator
                .read(async |tx| setting::read::<password::Policy>(tx).await)
                .await;
            let (policy, _) = policy.map_err(in_words)?;
            password::accept(&policy, tenant, "the password", &new, about).map_err(in_words)?
        }
    };
    let hash = server.passwords.hash(&accepted).await.map_err(in_words)?;
    Ok((accepted, hash))
}

/// Says how somebody signs in: with this password, if it was generated.
pub(super) fn say_password(name: &str, made: Option<&Accepted>) -> anyhow::Result<()> {
    match made {
        Some(password) => say(format!(
            "Sign in as {name} with the password {} (shown only now).",
            password.expose()
        )),
        None => say(format!("Sign in as {name}.")),
    }
}

async fn set_disabled(server: &Server, tenant: &InTenant, name: &UserName, disabled: bool) -> anyhow::Result<()> {
    let tenant = tenant.find(server).await?;
    let set = async |tx: &Tx, authority: &Authority, user| user::set_disabled(tx, authority, user, disabled).await;
    let action = if disabled { "users:disable" } else { "users:enable" };
    act_on(server, &tenant, (action, name), set).await?;
    say(match disabled {
        true => format!("{name} cannot sign in, and their sessions have ended."),
        false => format!("{name} can sign in."),
    })
}
