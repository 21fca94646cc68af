//! Trying a sender: a real delivery, shown step by step.

use super::{addressed, render::About, route::Way};
use crate::{
    access::permission::{Permission, SendersUpdate},
    context::Signed,
    email,
    kit::{
        db::Tx,
        error::{Code, Error, FieldError, Result},
        limiter::{self, Key, Quota},
        mail::{OutgoingEmail, Taken, Trace, Trouble, dkim::Signer},
        secret,
        text::{Email, Language},
    },
    message::Template,
    message_template,
    sender::{self, Bounds, Sender},
    server::Server,
    setting::{self, Branding},
};
use lettre::message::Mailbox;
use std::{sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// How long a trial may take: somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Trials of a tenant.
const TRIALS: Quota = Quota { most: 5, seconds: 60 };

/// What is tried.
pub struct Trial {
    /// The sender; that of a draft is kept nowhere.
    pub sender: Sender,
    /// Its password, if it has one.
    pub password: Option<Zeroizing<String>>,
    /// Where the mail goes, if not to whoever tries it.
    pub to: Option<Email>,
    /// Whether the sender is a stored one, of which it is written down that it works.
    pub is_stored: bool,
}

/// A trial that went well.
pub struct Tried {
    /// The steps.
    pub steps: Vec<Taken>,
    /// `Message-ID` of the mail.
    pub message_id: String,
}

/// What a sender of the caller's tenant at this host is checked against.
pub async fn bounds_of(caller: &Signed, server: &Server, host: &str) -> Result<Bounds> {
    Ok(Bounds {
        ports: server.config.smtp_ports.clone(),
        instance: server.instance_name(&caller.tenant).await?,
        host: host.to_owned(),
        is: server.transports.look(host).await,
    })
}

/// Sends a mail by a sender, and tells how it went.
///
/// # Errors
/// [`Code::CallerHasNoAddress`]; [`Code::SenderNotReached`] with the steps; [`Code::TooManyAttempts`];
/// [`Code::Forbidden`] for a mail to somebody else by who may not change senders.
pub async fn try_out(caller: &Signed, server: &Server, trial: Trial) -> Result<Tried> {
    let to = addressee::<SendersUpdate>(caller, trial.to.clone()).await?;
    caller.write_unaudited(count).await?;
    let letter = letter(caller, server, (to, &trial.sender)).await?;
    let signers = signers(caller, &trial).await?;
    let relay = Arc::new(server.transports.anew(&trial.sender, trial.password));
    let way = Way::Sender(Box::new(trial.sender), relay.clone(), signers);
    let letter = addressed(&letter, &way, None)?;
    let mut trace = Trace::new(PATIENCE);
    let outcome = Box::pin(relay.send(&letter, &mut trace)).await;
    let Way::Sender(sender, ..) = way else {
        return Err(anyhow::anyhow!("a trial is of a sender").into());
    };
    let verdict = async |tx: &Tx| match outcome {
        Ok(_) => {
            if trial.is_stored {
                sender::verified(tx, &sender).await?;
            }
            Ok(Ok(Tried {
                steps: trace.steps,
                message_id: letter.id,
            }))
        }
        Err(trouble) => Ok(Err(not_reached(&trace.steps, &trouble))),
    };
    caller.run_keeping_refusal(verdict).await
}

/// What signs the mail of a sender that is kept.
async fn signers(caller: &Signed, trial: &Trial) -> Result<Vec<Arc<Signer>>> {
    if !trial.is_stored {
        return Ok(vec![]);
    }
    let master = &caller.services.master;
    let senders = std::slice::from_ref(&trial.sender);
    let signers = caller
        .read(async |tx| sender::dkim::signers(tx, master, senders).await)
        .await?;
    Ok(signers.into_iter().flatten().collect())
}

/// Where a mail goes that somebody sends to see how it goes: to themself, or to another address if they have `P`.
///
/// # Errors
/// [`Code::CallerHasNoAddress`]; [`Code::Forbidden`].
pub async fn addressee<P: Permission>(caller: &Signed, to: Option<Email>) -> Result<Email> {
    let own = own_address(caller).await?;
    match to {
        Some(to) if Some(to.key()) != own.as_ref().map(Email::key) => {
            caller.require::<P>()?;
            Ok(to)
        }
        _ => Ok(own.ok_or(Code::CallerHasNoAddress)?),
    }
}

/// Counts a mail that somebody sends to see how it goes.
pub(super) async fn count(tx: &Tx) -> Result<()> {
    let key = Key {
        rule: "sender-verify",
        subject: vec![],
    };
    limiter::take_all(tx, &[(key, TRIALS.into())], Code::TooManyAttempts).await
}

/// The proven address of whoever calls.
async fn own_address(caller: &Signed) -> Result<Option<Email>> {
    let Ok(user) = caller.me.person() else {
        return Ok(None);
    };
    let addresses = caller.read(async |tx| email::of_user(tx, user).await).await?;
    let proven = addresses.primary.verified_at.is_some();
    proven.then(|| email::parse(&addresses.primary.address)).transpose()
}

async fn letter(caller: &Signed, server: &Server, (to, sender): (Email, &Sender)) -> Result<OutgoingEmail> {
    let language = caller.peer.language.unwrap_or(Language::English);
    let ((branding, _), template) = caller
        .read(async |tx| {
            let template = message_template::get(tx, Template::SenderTest, language).await?;
            Ok((setting::read::<Branding>(tx).await?, template))
        })
        .await?;
    let about = About {
        kind: Template::SenderTest,
        brand: branding.of(&caller.tenant, None),
        url: caller.tenant_url(),
        secrets: None,
        provider: Some(sender.spec.display_name.to_string()),
    };
    let rendered = message_template::render_or_built_in(&template, &about.values(to.address(), language))?;
    let id = uuid::Uuid::from_bytes(secret::random()).simple();
    Ok(OutgoingEmail {
        id: format!("{id}@{}", server.mail_from.domain()),
        from: Mailbox::new(Some(about.brand.name), server.mail_from.clone()),
        reply_to: None,
        to: to.address().to_owned(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        feedback: format!("trial:instance:{}", caller.tenant.name),
        signers: vec![],
    })
}

/// The steps of a trial that failed, the last one with what to mend.
fn not_reached(steps: &[Taken], trouble: &Trouble) -> Error {
    let shown = steps.iter().map(|taken| {
        let answer = taken.answer.clone().unwrap_or_default();
        let code = if taken.ok { "ok" } else { "failed" };
        let detail = match trouble.remedy().filter(|_| !taken.ok) {
            Some(remedy) => format!("{answer}. {remedy}"),
            None => answer,
        };
        FieldError::new(taken.step.as_str(), code, detail)
    });
    Error::Explained {
        code: Code::SenderNotReached,
        fields: shown.collect(),
    }
}
