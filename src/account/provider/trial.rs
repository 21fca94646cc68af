//! Trying a provider: what can be seen of it without anybody, and what it says of whoever tries it.

use super::{
    State,
    linking::automatic,
    settle::{Scene, Stage},
};
use crate::{
    context::{Operator, RequestContext, Signed},
    kit::{
        db::Tx,
        error::{Code, Result},
        limiter::{self, Key, Quota},
        text::{GivenSecret, ProviderName},
    },
    provider::{self, Asked, Fault, Looked, Provider, identity, pending, probe},
    server::Server,
    tenant::Tenant,
    user,
};
use serde_json::{Value, json};

/// Looks at the providers of a tenant.
const LOOKS: Quota = Quota { most: 10, seconds: 60 };
/// Letters of a claim that are shown.
const SHOWN: usize = 200;

/// Looks at a provider.
///
/// # Errors
/// [`Code::ProviderNotFound`], [`Code::ProviderIncomplete`], [`Code::TooManyAttempts`].
pub async fn look(caller: &Signed, server: &Server, name: &ProviderName) -> Result<Vec<Looked>> {
    let counted = caller.write_unaudited(async |tx| {
        let key = Key {
            rule: "provider-test",
            subject: vec![],
        };
        limiter::take_all(tx, &[(key, LOOKS.into())], Code::TooManyAttempts).await
    });
    counted.await?;
    let found = caller.run(async |tx| find(tx, server, name).await).await?;
    Ok(see(server, &caller.tenant, found).await)
}

/// The same at the word of the operator of the instance.
///
/// # Errors
/// [`Code::ProviderNotFound`], [`Code::ProviderIncomplete`].
pub async fn look_at(server: &Server, tenant: &Tenant, name: &ProviderName) -> Result<Vec<Looked>> {
    let operator = Operator::new(&server.services, tenant.id);
    let find = async |tx: &Tx| find(tx, server, name).await;
    let found = operator
        .write("auth-provider-configs:test", &name.to_string(), find)
        .await?;
    Ok(see(server, tenant, found).await)
}

/// A provider that is complete, and its secret.
async fn find(tx: &Tx, server: &Server, name: &ProviderName) -> Result<(Provider, Option<GivenSecret>)> {
    let provider = provider::get(tx, name).await?;
    if !provider.missing().is_empty() {
        return Err(Code::ProviderIncomplete.into());
    }
    tried(tx, &provider);
    let secret = provider.secret(tx, &server.services.master)?;
    Ok((provider, secret))
}

async fn see(server: &Server, tenant: &Tenant, (provider, secret): (Provider, Option<GivenSecret>)) -> Vec<Looked> {
    let of = (tenant.id, server.services.clock.now());
    let redirect_uri = provider::redirect_uri(&server.services.urls.of(tenant), provider.name());
    probe(&server.providers, of, (&provider, secret.as_ref()), &redirect_uri).await
}

/// Writes down that a provider was tried, by which nothing of it changes.
pub fn tried(tx: &Tx, provider: &Provider) {
    tx.changed("auth-provider", &provider.name(), Value::Null, json!({ "tried": true }));
}

/// What a provider says of whoever tries it, and what would become of them.
#[derive(Debug, Default)]
pub struct Report {
    /// What went wrong, if anything did.
    pub fault: Option<String>,
    /// Whom it means.
    pub subject: Option<String>,
    /// The address that it tells, and whether that counts as proven here.
    pub email: Option<(String, bool)>,
    /// What would become of them.
    pub fate: Option<Fate>,
    /// What it says, as JSON.
    pub claims: Vec<(String, String)>,
}

/// What would become of somebody who comes like this and is not signed in.
#[derive(Debug)]
pub enum Fate {
    /// They would be signed in as this user.
    SignedIn(String),
    /// The identity would be linked at once to this user, who has the address.
    Linked(String),
    /// They would be asked.
    Asked(Stage),
}

/// What would become of whom the provider means; nothing is written.
pub(super) async fn report(
    context: &RequestContext,
    state: &State,
    provider: &Provider,
    asked: Asked,
) -> Result<Report> {
    let session = context.who.as_ref().and_then(|who| who.session);
    if session.is_none() || session != state.session {
        return Err(Code::SignInNotBegun.into());
    }
    let (claims, accepted) = match asked {
        Ok(asked) => asked,
        Err(fault) => return Ok(failed(fault)),
    };
    let shown = |value: &Value| value.to_string().chars().take(SHOWN).collect();
    let claims = claims
        .iter()
        .map(|(name, value)| (name.clone(), shown(value)))
        .collect();
    let who = match accepted {
        Ok(who) => who,
        Err(fault) => {
            return Ok(Report {
                claims,
                ..failed(fault)
            });
        }
    };
    let read = async |tx: &Tx| {
        if let Some(known) = identity::find(tx, who.provider, &who.subject).await? {
            let name = user::name_of(tx, known.user_id).await?.unwrap_or_default();
            return Ok(Fate::SignedIn(name));
        }
        if let Some(owner) = automatic(tx, provider, &who).await? {
            let name = user::name_of(tx, owner).await?.unwrap_or_default();
            return Ok(Fate::Linked(name));
        }
        let scene = Scene {
            context,
            wanted: None,
            provider: provider.clone(),
            pending: pending::of(tx, vec![], &who),
            who: who.clone(),
        };
        Ok(Fate::Asked(scene.stage_of_stranger(tx).await?))
    };
    let fate = context.read(read).await?;
    Ok(Report {
        fault: None,
        subject: Some(who.subject),
        email: who.email.map(|email| (email.address().to_owned(), who.is_good)),
        fate: Some(fate),
        claims,
    })
}

fn failed(fault: Fault) -> Report {
    Report {
        fault: Some(fault.words()),
        ..Report::default()
    }
}
