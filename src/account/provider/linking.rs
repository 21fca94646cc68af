//! Whose account somebody is who comes back from a provider. An address is a claim that has to be earned: by the
//! provider's word, where that counts for it, or by a code.

use super::{Came, Entered, Errand, ForTokens, State, ticket};
use crate::{
    access::policy,
    account::{
        SignUp,
        sign_in::{Proven, begin_browser, is_unproven, remind},
    },
    context::RequestContext,
    email::{self, Addresses},
    kit::{
        db::Tx,
        error::{Code, Result},
        id::UserId,
        limiter,
    },
    message::{self, Deed, MailOptions, Outgoing, Template},
    provider::{
        self, Provider, Upstream, identity,
        kind::{Link, LinkedBy},
        pending,
    },
    session::Sessions,
    setting, user,
};
use serde_json::{Value, json};

/// Takes turns with everybody who decides about this identity or this address.
pub(super) async fn take_turn(tx: &Tx, who: &Upstream) -> Result<()> {
    tx.lock(&format!("identity/{}/{}", who.provider, who.subject)).await?;
    match &who.email {
        Some(email) => tx.lock(&format!("email/{}", email.key())).await,
        None => Ok(()),
    }
}

/// The rules of linking, in one transaction. The inner result is the verdict and must be committed either way.
pub(super) async fn decide(
    tx: &Tx,
    context: &RequestContext,
    provider: &Provider,
    state: &State,
    who: &Upstream,
) -> Result<Result<Came>> {
    take_turn(tx, who).await?;
    let here = context.who.as_ref();
    let known = identity::find(tx, who.provider, &who.subject).await?;
    if state.purpose == Errand::Link {
        let Some((me, user)) = here.and_then(|me| Some((me, me.who.user()?))) else {
            return Ok(Err(Code::SignInNotBegun.into()));
        };
        // The session that began it, and no other one.
        if me.session != state.session || state.session.is_none() {
            return Ok(Err(Code::SignInNotBegun.into()));
        }
        return match known {
            Some(known) if known.user_id != user => Ok(Err(Code::IdentityTaken.into())),
            Some(_) => Ok(Ok(Came::Linked)),
            None => {
                add(tx, context, provider, (user, &me.name), who).await?;
                Ok(Ok(Came::Linked))
            }
        };
    }
    let tokens = state.for_tokens();
    let wanted = tokens.as_ref();
    if let Some(known) = known {
        if !provider.spec.sign_in {
            return Ok(Err(Code::ProviderNotFound.into()));
        }
        identity::touch(tx, &known).await?;
        return enter(tx, context, provider, known.user_id, wanted).await;
    }
    if here.is_none()
        && let Some(owner) = automatic(tx, provider, who).await?
    {
        let name = user::get_by_id(tx, owner).await?.user.name;
        add(tx, context, provider, (owner, &name), who).await?;
        return enter(tx, context, provider, owner, wanted).await;
    }
    Ok(Ok(Came::Waits(pending::add(tx, who).await?)))
}

/// Makes an identity that of an account which is there, and tells the owner of its address.
pub(super) async fn add(
    tx: &Tx,
    context: &RequestContext,
    provider: &Provider,
    user: (UserId, &str),
    who: &Upstream,
) -> Result<()> {
    identity::link(tx, user, who, LinkedBy::Link).await?;
    let addresses = email::of_user(tx, user.0).await?;
    let told = (Template::IdentityLinked, provider);
    tell(tx, context, (user.1, &addresses), told).await
}

/// Tells the owner of the address of an account about its identities.
pub(super) async fn tell(
    tx: &Tx,
    context: &RequestContext,
    (account, addresses): (&str, &Addresses),
    (template, provider): (Template, &Provider),
) -> Result<()> {
    let primary = &addresses.primary;
    if primary.verified_at.is_some() {
        let told = Outgoing {
            template,
            address: &primary.address,
            options: MailOptions::of(&context.peer),
            about: Some(&provider.spec.display_name.to_string()),
            deed: Some(Deed {
                account,
                network: &limiter::network(context.peer.ip),
            }),
            verification: None,
        };
        message::queue(tx, told).await?;
    }
    Ok(())
}

/// The account that an identity is linked to by itself: by the word of who alone gives out the address, and never to
/// one that may do more than look after itself.
pub(super) async fn automatic(tx: &Tx, provider: &Provider, who: &Upstream) -> Result<Option<UserId>> {
    let Some(email) = who.email.as_ref().filter(|_| who.is_authoritative) else {
        return Ok(None);
    };
    if provider.spec.link != Link::Automatic {
        return Ok(None);
    }
    let Some(owner) = email::owner(tx, email.key()).await? else {
        return Ok(None);
    };
    Ok((!has_more(tx, owner).await?).then_some(owner))
}

/// Whether somebody may do more than look after themself.
pub(super) async fn has_more(tx: &Tx, user: UserId) -> Result<bool> {
    let roles = user::roles_of(tx, &[user]).await?.remove(&user).unwrap_or_default();
    Ok(roles.iter().any(|role| role != policy::USER))
}

/// Signs somebody in who came back from a provider, as a password does: who is disabled stays out, and who has to
/// prove their address first is mailed a code. Where an application wants tokens, its session begins when it asks for
/// them.
pub(super) async fn enter(
    tx: &Tx,
    context: &RequestContext,
    provider: &Provider,
    user: UserId,
    wanted: Option<&ForTokens>,
) -> Result<Result<Came>> {
    let method = format!("provider/{}", provider.name());
    let name = user::name_of(tx, user).await?.unwrap_or_default();
    tx.changed("sign-in", &name, Value::Null, json!({ "method": method }));
    if user::can_sign_in(tx, Some(user)).await?.is_none() {
        return Ok(Err(Code::CredentialsInvalid.into()));
    }
    let (sign_up, _) = setting::read::<SignUp>(tx).await?;
    if sign_up.verify_before_sign_in && is_unproven(tx, Some(user)).await? {
        remind(tx, context, user).await?;
        return Ok(Err(Code::EmailUnverified.into()));
    }
    provider::note_success(tx, provider).await?;
    if let Some(wanted) = wanted {
        return Ok(Ok(Came::Code(ticket::issue(tx, context, provider, user, wanted))));
    }
    let (sessions, _) = setting::read::<Sessions>(tx).await?;
    let proven = Proven::by_provider(user, sessions);
    let (cookie, lasts, detailed) = begin_browser(tx, context, &proven).await?;
    Ok(Ok(Came::In(Entered {
        cookie,
        lasts,
        must_change_password: detailed.user.must_change_password,
        provider: provider.name().to_owned(),
    })))
}
