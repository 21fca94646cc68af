//! `tenantry application`: applications and their secrets, for an operator who cannot sign in. The audit trail
//! has what is done as the operator's.

use super::{InTenant, in_words, say};
use crate::{
    access::Authority,
    application::{self, Application, kind::Preset, spec::Spec},
    context::Operator,
    kit::{
        db::Tx,
        page::{Page, Timeline},
        text::{ClientId, DisplayName},
    },
    resource_server,
    server::Server,
};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(super) enum ApplicationCommand {
    /// List the applications of a tenant, newest first
    List {
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Create an application, and show its secret if it keeps one
    Create(CreateApplication),
    /// Make another secret and show it; the one before stays good until the next time
    RotateSecret {
        /// The application's name: its `client_id`
        name: ClientId,
        #[command(flatten)]
        tenant: InTenant,
    },
}

#[derive(Debug, Args)]
pub(super) struct CreateApplication {
    /// Its `client_id`, which never changes
    name: ClientId,
    /// What it is: web-server, single-page, native, machine, gateway or label
    #[arg(long, value_parser = preset)]
    preset: Preset,
    /// What people call it; its name if not given
    #[arg(long)]
    display_name: Option<DisplayName>,
    /// Where people come back to when they have signed in; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where it is told that a session ended
    #[arg(long = "backchannel-logout-uri", value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// A role it has when it calls for itself; may be repeated
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    #[command(flatten)]
    tenant: InTenant,
}

/// Reads the word of a preset; of a wrong one it says which there are, and what each is for.
fn preset(word: &str) -> Result<Preset, String> {
    let known = Preset::all().find(|preset| preset.word() == word);
    let each = Preset::all().map(|preset| format!("{} ({})", preset.word(), preset.purpose()));
    known.ok_or_else(|| format!("it must be one of {}", each.collect::<Vec<_>>().join(", ")))
}

impl ApplicationCommand {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        match self {
            Self::List { tenant } => list(server, &tenant).await,
            Self::Create(new) => create(server, new).await,
            Self::RotateSecret { name, tenant } => {
                let tenant = tenant.find(server).await?;
                let operator = Operator::new(&server.services, tenant.id);
                let rotate = async |tx: &Tx, authority: Authority| {
                    let of = application::get_own(tx, &authority, &name).await?;
                    application::rotate_secret(tx, &of).await
                };
                let object = name.to_string();
                let made = operator.act("applications/secrets:create", &object, rotate).await;
                say(format!(
                    "{name} has the secret {} (shown only now).",
                    *made.map_err(in_words)?.plain
                ))
            }
        }
    }
}

async fn list(server: &Server, tenant: &InTenant) -> anyhow::Result<()> {
    let tenant = tenant.find(server).await?;
    let operator = Operator::new(&server.services, tenant.id);
    say(format!(
        "{:<30}  {:<12}  {:<10}  DISPLAY NAME",
        "NAME", "PRESET", "STATE"
    ))?;
    let mut cursor = None;
    loop {
        let page = Page::new(None, Some(Page::MAX_SIZE)).map_err(in_words)?;
        let timeline = Timeline::new(page, cursor, None);
        let read = async |tx: &Tx| application::list(tx, &[], &timeline).await;
        let listed = operator.read(read).await.map_err(in_words)?;
        listed.items.iter().try_for_each(|application| say(line(application)))?;
        match listed.next {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn line(application: &Application) -> String {
    let state = if application.is_disabled() {
        "disabled"
    } else {
        "active"
    };
    let (name, preset) = (application.client_id(), application.preset().word());
    format!(
        "{name:<30}  {preset:<12}  {state:<10}  {}",
        application.spec.display_name
    )
}

async fn create(server: &Server, new: CreateApplication) -> anyhow::Result<()> {
    let tenant = new.tenant.find(server).await?;
    let name = new.name.to_string();
    let display_name = match new.display_name {
        Some(display_name) => display_name,
        None => name
            .parse()
            .map_err(|why| anyhow::anyhow!("the name {why}; give --display-name"))?,
    };
    let mut spec = Spec::new(new.preset, display_name);
    spec.redirect_uris = new.redirect_uris;
    spec.backchannel_logout_uri = new.backchannel_logout_uri;
    spec.roles = new.roles;
    let is_public = spec.is_public();
    let make = async |tx: &Tx, authority: Authority| {
        let apis = resource_server::audiences(tx).await?;
        application::create(tx, &authority, (&new.name, new.preset), spec, &apis).await?;
        if is_public {
            return Ok(None);
        }
        let of = application::get_own(tx, &authority, &new.name).await?;
        application::rotate_secret(tx, &of).await.map(Some)
    };
    let operator = Operator::new(&server.services, tenant.id);
    let secret = operator
        .act("applications:create", &name, make)
        .await
        .map_err(in_words)?;
    say(format!("The application {name} is made."))?;
    match secret {
        Some(secret) => say(format!("Its secret is {} (shown only now).", *secret.plain)),
        None => say("It keeps no secret."),
    }
}
