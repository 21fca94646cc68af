//! What is asked of somebody who came back from a provider and has no account linked there: which one it is to be.

use super::{
    Came, ForTokens,
    linking::{add, enter, has_more, take_turn},
};
use crate::{
    account::{
        SignUp,
        sign_up::{self, shown_name},
    },
    authorization,
    context::RequestContext,
    email,
    kit::{
        db::Tx,
        error::{Code, Result},
        id::UserId,
        text::{DisplayName, Email, UserName},
    },
    limit::RateLimiter,
    message::MailOptions,
    provider::{
        self, Provider, Upstream, identity,
        kind::{Link, LinkedBy, SignUp as MaySignUp},
        pending::{self, Pending},
    },
    session, setting,
    user::{self, NewUser},
    verification::{self, ChallengeRef, NewChallenge, Purpose, Recipient},
};
use futures_util::FutureExt;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// They are signed in to this account: whether what the provider calls so is to be added there.
    Add(String, String),
    /// Which address they have; the provider's claim is shown.
    Address(Option<String>),
    /// The code that was mailed to this address.
    Code(String),
    /// Whether a code is to be mailed to this address, which an account has.
    Confirm(String),
    /// Whether a code is to be mailed to this address, which is invited to more than an account.
    Invited(String),
    /// To sign in to the account that has the address.
    SignIn,
    /// What the account to be made looks like.
    SignUp(String, Option<DisplayName>),
    /// Whether an account is to be taken over that somebody began with this address, and whether another one may be
    /// made instead.
    TakeOver(String, bool),
    /// Nobody signs up here.
    Closed,
}

/// What somebody chose.
pub enum Choice<'a> {
    /// To add it to the account they are signed in to.
    Add,
    /// To have a code mailed to this address, or to the one that is known.
    Mail(Option<&'a Email>, MailOptions<'a>),
    /// This code.
    Code(&'a str),
    /// An account of this name; one that is made up if none.
    SignUp(Option<UserName>, Option<DisplayName>),
    /// The account that was begun with the address.
    TakeOver,
}

/// What came of a choice.
pub enum Settled {
    /// It is settled.
    Done(Came),
    /// Something else is asked now.
    Next,
}

pub(super) struct Scene<'a> {
    pub(super) context: &'a RequestContext,
    pub(super) wanted: Option<&'a ForTokens>,
    pub(super) provider: Provider,
    pub(super) pending: Pending,
    pub(super) who: Upstream,
}

impl<'a> Scene<'a> {
    async fn read(tx: &Tx, context: &'a RequestContext, token: &str, writes: bool) -> Result<Option<Self>> {
        let found = match writes {
            true => pending::find_for_update(tx, token).await?,
            false => pending::find(tx, token).await?,
        };
        let Some(pending) = found else { return Ok(None) };
        let provider = provider::find_by_id(tx, pending.provider_id).await?;
        let Some(provider) = provider.filter(Provider::is_open) else {
            return Ok(None);
        };
        let who = pending.upstream();
        if writes {
            take_turn(tx, &who).await?;
        }
        // Somebody was first.
        if identity::find(tx, who.provider, &who.subject).await?.is_some() {
            return Ok(None);
        }
        Ok(Some(Self {
            context,
            wanted: None,
            provider,
            pending,
            who,
        }))
    }

    async fn stage(&self, tx: &Tx) -> Result<Stage> {
        if let Some(me) = self.context.who.as_ref().filter(|me| me.who.user().is_some()) {
            return Ok(Stage::Add(me.name.clone(), self.pending.display.clone()));
        }
        self.stage_of_stranger(tx).await
    }

    /// What is asked of somebody who is not signed in.
    pub(super) async fn stage_of_stranger(&self, tx: &Tx) -> Result<Stage> {
        let link = self.provider.spec.link;
        let known = self.who.email.as_ref().filter(|_| self.pending.proven);
        let Some(email) = known else {
            if link == Link::Never && self.provider.spec.sign_up == MaySignUp::Never {
                return Ok(Stage::SignIn);
            }
            let address = self.pending.email.clone();
            return Ok(match (self.pending.verification_id, address) {
                (Some(_), Some(address)) => Stage::Code(address),
                (_, address) => Stage::Address(address),
            });
        };
        let address = email.address().to_owned();
        if email::owner(tx, email.key()).await?.is_some() {
            return Ok(match link {
                Link::Never | Link::Ask => Stage::SignIn,
                Link::Confirm | Link::Automatic if self.pending.verification_id.is_some() => Stage::Code(address),
                Link::Confirm | Link::Automatic => Stage::Confirm(address),
            });
        }
        let (policy, _) = setting::read::<SignUp>(tx).await?;
        let may_sign_up = self.may_sign_up(tx, &policy, email).await?.is_ok();
        let claimant = self.claimant(tx, email).await?;
        // By the provider's word alone nobody gets an account that may do more than look after itself.
        let has_more = match claimant {
            Some(claimant) => has_more(tx, claimant).await?,
            None => false,
        };
        if !self.pending.confirmed && (has_more || self.is_invited_to_more(tx, email).await?) {
            return Ok(match self.pending.verification_id {
                Some(_) => Stage::Code(address),
                None if has_more => Stage::Confirm(address),
                None => Stage::Invited(address),
            });
        }
        if claimant.is_some() {
            return Ok(Stage::TakeOver(address, may_sign_up));
        }
        Ok(match may_sign_up {
            true => Stage::SignUp(address, self.who.name.clone()),
            false => Stage::Closed,
        })
    }

    /// The only account that claims the address, which nobody has proven.
    async fn claimant(&self, tx: &Tx, email: &Email) -> Result<Option<UserId>> {
        if self.provider.spec.link == Link::Never {
            return Ok(None);
        }
        let claimant = email::claimant(tx, email).await?;
        user::can_sign_in(tx, claimant).await
    }

    /// Whether an invitation to the address names roles.
    async fn is_invited_to_more(&self, tx: &Tx, email: &Email) -> Result<bool> {
        let invitation = verification::invitation_to(tx, email).await?;
        Ok(invitation.is_some_and(|invitation| invitation.roles.is_some()))
    }

    /// Whether an account may be made with this address, which is proven.
    async fn may_sign_up(&self, tx: &Tx, policy: &SignUp, email: &Email) -> Result<Result<()>> {
        if self.provider.spec.sign_up == MaySignUp::Never {
            return Ok(Err(Code::SignUpClosed.into()));
        }
        let invited = verification::invitation_to(tx, email).await?.is_some();
        let shown = if invited { Purpose::Invite } else { Purpose::Register };
        Ok(policy.accept(email, shown))
    }

    async fn mail(&self, tx: &Tx, given: Option<&Email>, options: MailOptions<'_>) -> Result<()> {
        let known = self.who.email.as_ref().filter(|_| self.pending.proven);
        let Some(email) = known.or(given) else {
            return Err(Code::SignInNotBegun.into());
        };
        let ask = NewChallenge {
            purpose: Purpose::LinkIdentity,
            to: Recipient::Newcomer,
            email,
            options,
            roles: vec![],
        };
        let (master, peer) = (&self.context.services.master, &self.context.peer);
        let issued = verification::begin(tx, master, peer, ask).await?;
        pending::ask(tx, &self.pending, email, issued.id).await
    }

    /// Takes one try at the code.
    async fn prove(&self, tx: &Tx, code: &str) -> Result<Result<Settled>> {
        let Some(id) = self.pending.verification_id else {
            return Ok(Err(Code::CodeInvalid.into()));
        };
        let (master, peer) = (&self.context.services.master, &self.context.peer);
        let challenge = match verification::attempt(tx, master, peer, ChallengeRef::Id(id), code).await? {
            Ok(challenge) => challenge,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let email = self
            .who
            .email
            .as_ref()
            .filter(|email| email.key() == challenge.address_key);
        let Some(email) = email.filter(|_| challenge.purpose == Purpose::LinkIdentity) else {
            return Ok(Err(Code::CodeInvalid.into()));
        };
        verification::consume(tx, &challenge).await?;
        pending::prove(tx, &self.pending).await?;
        let owner = email::owner(tx, email.key()).await?;
        match (owner, self.provider.spec.link) {
            // The mailbox is theirs, by which they could have chosen another password as well.
            (Some(owner), Link::Confirm | Link::Automatic) => {
                let name = user::name_of(tx, owner).await?.unwrap_or_default();
                add(tx, self.context, &self.provider, (owner, &name), &self.who).await?;
                self.enter(tx, owner).await
            }
            _ => Ok(Ok(Settled::Next)),
        }
    }

    /// Signs somebody in whose account it is from the beginning.
    async fn begin(&self, tx: &Tx, user: (UserId, &str)) -> Result<Result<Settled>> {
        identity::link(tx, user, &self.who, LinkedBy::SignUp).await?;
        self.enter(tx, user.0).await
    }

    async fn enter(&self, tx: &Tx, user: UserId) -> Result<Result<Settled>> {
        pending::end(tx, &self.pending).await?;
        let entered = enter(tx, self.context, &self.provider, user, self.wanted).await?;
        Ok(entered.map(Settled::Done))
    }

    async fn sign_up(
        &self,
        tx: &Tx,
        email: &Email,
        name: Option<UserName>,
        shown: Option<DisplayName>,
    ) -> Result<Result<Settled>> {
        let (policy, _) = setting::read::<SignUp>(tx).await?;
        if let Err(refusal) = self.may_sign_up(tx, &policy, email).await? {
            return Ok(Err(refusal));
        }
        let mut roles = vec![];
        if let Some(invitation) = verification::invitation_to(tx, email).await? {
            verification::consume(tx, &invitation).await?;
            roles = invitation.roles.map(|roles| roles.0).unwrap_or_default();
        }
        let new = NewUser {
            proven: true,
            display_name: shown_name(shown.or(self.who.name.clone()), email),
            roles,
            ..sign_up::named(tx, &policy, name, email).await?
        };
        let made = sign_up::add(tx, self.context, &policy, new).await?;
        self.begin(tx, (made.user.id, &made.user.name)).await
    }

    /// The first proof of an address wins, and what was begun without one is worth nothing: whoever made the account
    /// gets into it by nothing any more.
    async fn take_over(&self, tx: &Tx, user: UserId) -> Result<Result<Settled>> {
        let old = user::get_for_update(tx, user).await?;
        session::end_all(tx, user).await?;
        verification::end_all(tx, user).await?;
        authorization::forget_all(tx, user).await?;
        identity::clear(tx, user).await?;
        user::forget_picture(tx, user).await?;
        email::drop_pending(tx, &old.addresses).await?;
        let mut new = old.clone();
        new.addresses.pending = None;
        new.addresses.primary = email::mark_proven(tx, old.addresses.primary.clone()).await?;
        new.user.password_hash = None;
        new.user.must_change_password = false;
        new.user.password_expires_at = None;
        new.user.avatar = None;
        new.user.phone = None;
        new.user.bio = None;
        let shown = self.who.name.as_ref().map(ToString::to_string);
        new.user.display_name = shown.unwrap_or_else(|| old.user.name.clone());
        let new = user::save(tx, &old, new).await?;
        self.begin(tx, (user, &new.user.name)).await
    }
}

/// What is asked of the browser that holds this; none if nothing waits for it.
pub async fn stage(context: &RequestContext, token: &str) -> Result<Option<(Stage, String)>> {
    context
        .read(async |tx| {
            let Some(scene) = Scene::read(tx, context, token, false).await? else {
                return Ok(None);
            };
            let shown = scene.provider.spec.display_name.to_string();
            Ok(Some((scene.stage(tx).await?, shown)))
        })
        .await
}

/// Does what somebody chose, if it is what they were asked. An application may want tokens of its own.
///
/// # Errors
/// [`Code::SignInNotBegun`] if nothing waits for the browser or something else is asked now; [`Code::CodeInvalid`],
/// [`Code::UserNameTaken`], [`Code::TooManyAttempts`], [`Code::TooManyCodes`], [`Code::SignUpClosed`],
/// [`Code::EmailDomainRefused`], [`Code::CredentialsInvalid`].
pub async fn settle(
    context: &RequestContext,
    token: &str,
    choice: Choice<'_>,
    wanted: Option<&ForTokens>,
) -> Result<Settled> {
    if matches!(choice, Choice::SignUp(..)) {
        let count = async |tx: &Tx| {
            let limiter = RateLimiter::read(tx, &context.services.master, &context.peer).await?;
            limiter.sign_up(tx).await
        };
        context.write_unaudited(count).await?;
    }
    let act = async |tx: &Tx| {
        tx.note_counted();
        let Some(scene) = Scene::read(tx, context, token, true).await? else {
            return Ok(Err(Code::SignInNotBegun.into()));
        };
        let scene = Scene { wanted, ..scene };
        let stage = scene.stage(tx).await?;
        let email = scene.who.email.clone();
        match (choice, stage, email) {
            (Choice::Add, Stage::Add(..), _) => {
                let Some(me) = &context.who else {
                    return Ok(Err(Code::SignInNotBegun.into()));
                };
                let user = (me.person()?, me.name.as_str());
                add(tx, context, &scene.provider, user, &scene.who).await?;
                if wanted.is_some() {
                    return scene.enter(tx, user.0).await;
                }
                pending::end(tx, &scene.pending).await?;
                Ok(Ok(Settled::Done(Came::Linked)))
            }
            (
                Choice::Mail(given, options),
                Stage::Address(_) | Stage::Code(_) | Stage::Confirm(_) | Stage::Invited(_),
                _,
            ) => {
                scene.mail(tx, given, options).await?;
                Ok(Ok(Settled::Next))
            }
            (Choice::Code(code), Stage::Code(_), _) => scene.prove(tx, code).await,
            (Choice::SignUp(name, shown), Stage::SignUp(..) | Stage::TakeOver(_, true), Some(email)) => {
                scene.sign_up(tx, &email, name, shown).await
            }
            (Choice::TakeOver, Stage::TakeOver(..), Some(email)) => match scene.claimant(tx, &email).await? {
                Some(user) => scene.take_over(tx, user).await,
                None => Ok(Err(Code::SignInNotBegun.into())),
            },
            _ => Ok(Err(Code::SignInNotBegun.into())),
        }
    };
    context.run_keeping_refusal(act).boxed().await
}
