//! Domains of a tenant: claimed, proven, and chosen to be what its addresses begin with.

use crate::{
    application::{self, ApplicationFilter},
    context::Signed,
    domain::{self, Domain, Found, State},
    invitation,
    kit::{
        db::{SystemTx, Tx},
        error::{Code, Error, FieldError, Result},
        limiter::{self, Key, Quota},
        page::{Page, Timeline},
        selector::Values,
        text::DomainName,
    },
    notification::{self, Event, Notice},
    provider, quota,
    server::Server,
    tenant::{self, Tenant},
};
use sea_orm::ActiveEnum;
use serde_json::{Value, json};

/// Looks for the record of one domain: they ask name servers that are not the tenant's.
const LOOKS: Quota = Quota {
    most: 10,
    seconds: 3600,
};
/// Names of applications that are told.
const MOST_NAMED: Page = Page { number: 1, size: 100 };

fn view(domain: &Domain) -> Value {
    json!({ "state": domain.state.to_value() })
}

/// Claims a domain.
///
/// # Errors
/// [`Code::QuotaExceeded`]; a domain that is the instance's own.
pub async fn claim_domain(caller: &Signed, name: &DomainName) -> Result<Domain> {
    let host = caller.services.urls.host();
    let is_ours = name.as_str() == host || name.as_str().ends_with(&format!(".{host}"));
    if is_ours {
        return Err(Error::field("name", "value", "is the instance's own"));
    }
    let tenant = caller.tenant.id;
    let claim = async |tx: &Tx, system: &SystemTx| {
        let is_known = domain::find(system, tenant, name).await?.is_some();
        let mut room = None;
        if !is_known {
            tx.check_preconditions(None, None)?;
            let used = domain::count(system, tenant).await?;
            let most = quota::limit(tx, quota::Quota::Domains).await?.unwrap_or(domain::MOST);
            if used >= most {
                return Err(quota::exceeded(most, used));
            }
            room = Some((most, used + 1));
        }
        let claimed = domain::claim(system, tenant, name).await?;
        match is_known {
            true => tx.unchanged(),
            false => tx.changed("domain", name, Value::Null, view(&claimed)),
        }
        Ok((claimed, room))
    };
    let follow = async |tx: &Tx, (claimed, room): (Domain, Option<(u64, u64)>)| {
        domain::schedule(tx, None).await?;
        if let Some((most, used)) = room {
            quota::note(tx, quota::Quota::Domains, most, used).await?;
        }
        Ok(claimed)
    };
    caller.operate(claim, follow).await
}

/// Looks for the record that proves a domain.
///
/// # Errors
/// [`Code::DomainNotFound`], [`Code::DomainNotProven`], [`Code::DomainTaken`], [`Code::TooManyAttempts`].
pub async fn verify_domain(caller: &Signed, server: &Server, name: &DomainName) -> Result<Domain> {
    let tenant = caller.tenant.id;
    let old = caller
        .read_system(async |tx| domain::get(tx, tenant, name).await)
        .await?;
    let count = async |tx: &Tx| {
        let key = Key {
            rule: "domain-look",
            subject: name.as_str().into(),
        };
        limiter::take_all(tx, &[(key, LOOKS.into())], Code::TooManyAttempts).await?;
        limiter::clean(tx, 1).await
    };
    caller.write_unaudited(count).await?;
    let found = domain::look(&server.dns, &server.outbound, &caller.services.master, &old).await;
    let write = async |tx: &Tx, system: &SystemTx| {
        let new = domain::note(system, &old, &found).await?;
        if new.state != old.state {
            tx.changed("domain", name, view(&old), view(&new));
        }
        Ok(new)
    };
    let follow = async |tx: &Tx, new: Domain| {
        domain::schedule(tx, None).await?;
        let event = Event::DomainFailing;
        match (old.state, new.state) {
            (State::Failing, State::Failing) => {}
            (_, State::Failing) => {
                let notice = Notice::of(event, name.as_str());
                notification::tell_once(tx, name.as_str(), &notice).await?;
            }
            (State::Failing, _) => notification::end(tx, event, name.as_str()).await?,
            _ => {}
        }
        Ok(new)
    };
    let new = caller.operate(write, follow).await?;
    match found {
        Found::Proof => Ok(new),
        Found::Other(said) => {
            let record = domain::record_name(&new.name);
            let asked = FieldError::new("asked", "value", format!("TXT {record}"));
            let said = said.into_iter().map(|said| FieldError::new("found", "value", said));
            Err(Error::Explained {
                code: Code::DomainNotProven,
                fields: std::iter::once(asked).chain(said).collect(),
            })
        }
    }
}

/// Gives a domain up.
///
/// # Errors
/// [`Code::DomainNotFound`], [`Code::DomainInUse`].
pub async fn give_up_domain(caller: &Signed, name: &DomainName) -> Result<()> {
    let tenant = caller.tenant.id;
    let remove = async |tx: &Tx, system: &SystemTx| {
        let old = domain::get(system, tenant, name).await?;
        let whose = tenant::get_named(system, &caller.tenant.name).await?;
        if whose.domain.as_deref() == Some(name.as_str()) {
            return Err(Code::DomainInUse.into());
        }
        domain::remove(system, &old).await?;
        tx.changed("domain", name, view(&old), Value::Null);
        Ok(())
    };
    caller.operate(remove, async |_, ()| Ok(())).await
}

/// What depends on the address of a tenant, which is the issuer of its tokens.
#[derive(Debug)]
pub struct Move {
    /// The address that it has.
    pub from: String,
    /// The one that it is to have.
    pub to: String,
    /// Applications, whose libraries know the issuer.
    pub applications: Vec<String>,
    /// Redirect URIs that are to be registered with providers of sign-in.
    pub redirect_uris: Vec<String>,
    /// Invitations that are open; their links lead to the address of before.
    pub invitations: u64,
}

/// Has the tenant's addresses begin with this domain, or with that of the instance; or only tells what depends on
/// that, unless `confirmed`.
///
/// # Errors
/// [`Code::DomainNotFound`], [`Code::DomainNotProven`], [`Code::DefaultTenant`].
pub async fn move_tenant(caller: &Signed, name: &DomainName, (is_canonical, confirmed): (bool, bool)) -> Result<Move> {
    let write = async |tx: &Tx, system: &SystemTx| {
        let found = domain::get(system, caller.tenant.id, name).await?;
        if is_canonical && found.state != State::Verified {
            return Err(Code::DomainNotProven.into());
        }
        let old = tenant::get_named(system, &caller.tenant.name).await?;
        let to = match is_canonical {
            true => Some(name.as_str()),
            false => old.domain.as_deref().filter(|domain| *domain != name.as_str()),
        };
        let mut new = old.clone().at_domain(to)?;
        if confirmed && new != old {
            new = tenant::save(system, &old, new).await?;
            tx.changed("tenant", &new.name, tenant::view(&old), tenant::view(&new));
        }
        let urls = &caller.services.urls;
        Ok((urls.of(&old.into()), urls.of(&new.into())))
    };
    let follow = async |tx: &Tx, (from, to): (String, String)| {
        let newest = Timeline::new(MOST_NAMED, None, None);
        // Those that come with the server know by themselves.
        let made = Values::In(vec!["console".to_owned()]);
        let made = [ApplicationFilter::Origin(made)];
        let applications = application::list(tx, &made, &newest).await?.items;
        let providers = provider::open(tx).await?.into_iter();
        Ok(Move {
            applications: applications.iter().map(|known| known.client_id().to_owned()).collect(),
            redirect_uris: providers.map(|open| provider::redirect_uri(&to, &open.name)).collect(),
            invitations: invitation::count(tx).await?,
            from,
            to,
        })
    };
    caller.operate(write, follow).await
}

/// Takes a domain from the tenant of this name, for an operator.
///
/// # Errors
/// [`Code::TenantNotFound`], [`Code::DomainNotFound`].
pub async fn release_domain(caller: &Signed, of: &str, name: &DomainName) -> Result<()> {
    let release = async |tx: &Tx, system: &SystemTx| {
        let whose: Tenant = tenant::get_named(system, of).await?.into();
        let old = domain::get(system, whose.id, name).await?;
        domain::remove(system, &old).await?;
        let before = json!({ "tenant": of, "state": old.state.to_value() });
        tx.changed("domain", name, before, Value::Null);
        Ok(())
    };
    caller.operate(release, async |_, ()| Ok(())).await
}
