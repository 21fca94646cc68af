//! Trying a sender: a real delivery, shown step by step.

use super::{
    Origin, addressed, instance_name,
    render::{About, Done},
    route::Way,
};
use crate::{
    access::permission::{Permission, SendersUpdate},
    context::{Operator, Signed},
    email,
    kit::{
        db::Tx,
        error::{Code, Error, FieldError, Result},
        limiter::{self, Key, Quota},
        mail::{Handed, OutgoingEmail, Taken, Trace, Trouble, dkim::Signer},
        secret,
        text::{Email, Language, SenderName},
    },
    message::Template,
    message_template,
    sender::{self, Bounds, Sender},
    server::Server,
    setting::{self, Branding},
    tenant::Tenant,
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
    let name = async |tx: &Tx| instance_name(tx, server, &caller.tenant).await;
    Ok(Bounds {
        ports: server.config.smtp_ports.clone(),
        instance: caller.read(name).await?,
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
    let language = caller.peer.language;
    let write = async |tx: &Tx| write(tx, server, &caller.tenant, (&to, language, &trial)).await;
    let letter = caller.read(write).await?;
    let delivered = Box::pin(deliver(server, trial, letter)).await?;
    caller.run_keeping_refusal(async |tx| delivered.settle(tx).await).await
}

/// The same at the word of the operator of the instance, who says where the mail goes, of a sender that is kept.
///
/// # Errors
/// [`Code::SenderNotFound`]; [`Code::SenderNotReached`] with the steps.
pub async fn try_sender(server: &Server, tenant: &Tenant, name: &SenderName, to: &Email) -> Result<Tried> {
    let operator = Operator::new(&server.services, tenant.id);
    let read = async |tx: &Tx| {
        let sender = sender::get(tx, name).await?;
        let trial = Trial {
            password: sender.password(tenant.id, &server.services.master)?,
            sender,
            to: None,
            is_stored: true,
        };
        let letter = write(tx, server, tenant, (to, None, &trial)).await?;
        Ok((trial, letter))
    };
    let (trial, letter) = operator.read(read).await?;
    let delivered = Box::pin(deliver(server, trial, letter)).await?;
    let settle = async |tx: &Tx| delivered.settle(tx).await;
    operator.write("senders:verify", &name.to_string(), settle).await?
}

/// What came of handing a mail over.
struct Delivered {
    sender: Sender,
    is_stored: bool,
    id: String,
    outcome: Result<Handed, Trouble>,
    steps: Vec<Taken>,
}

/// Hands a mail over.
async fn deliver(server: &Server, trial: Trial, (letter, signers): Letter) -> Result<Delivered> {
    let relay = Arc::new(server.transports.anew(&trial.sender, trial.password));
    let way = Way::Sender(Box::new(trial.sender), relay.clone(), signers);
    let letter = addressed(&letter, &way, &Origin::default())?;
    let mut trace = Trace::new(PATIENCE);
    let outcome = Box::pin(relay.send(&letter, &mut trace)).await;
    let Way::Sender(sender, ..) = way else {
        return Err(anyhow::anyhow!("a trial is of a sender").into());
    };
    Ok(Delivered {
        sender: *sender,
        is_stored: trial.is_stored,
        id: letter.id,
        outcome,
        steps: trace.steps,
    })
}

impl Delivered {
    /// The verdict, which is written down of a sender that is kept.
    async fn settle(self, tx: &Tx) -> Result<Result<Tried>> {
        match self.outcome {
            Ok(_) => {
                if self.is_stored {
                    sender::verified(tx, &self.sender).await?;
                }
                Ok(Ok(Tried {
                    steps: self.steps,
                    message_id: self.id,
                }))
            }
            Err(trouble) => Ok(Err(not_reached(&self.steps, &trouble))),
        }
    }
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

/// A mail, and what signs it.
type Letter = (OutgoingEmail, Vec<Arc<Signer>>);

async fn write(
    tx: &Tx,
    server: &Server,
    tenant: &Tenant,
    (to, language, trial): (&Email, Option<Language>, &Trial),
) -> Result<Letter> {
    let (branding, _) = setting::read::<Branding>(tx).await?;
    let language = language.unwrap_or_else(|| branding.language());
    let template = message_template::get(tx, Template::SenderTest, language).await?;
    let about = About {
        kind: Template::SenderTest,
        brand: branding.of(tenant, None),
        url: server.services.urls.of(tenant),
        secrets: None,
        provider: Some(trial.sender.spec.display_name.to_string()),
        identities: String::new(),
        zone: branding.time_zone.unwrap_or_default(),
        deed: Done {
            at: tx.now,
            ..Done::default()
        },
    };
    let rendered = message_template::render_or_built_in(&template, &about.values(to.address(), language))?;
    let id = uuid::Uuid::from_bytes(secret::random()).simple();
    let letter = OutgoingEmail {
        id: format!("{id}@{}", server.mail_from.domain()),
        from: Mailbox::new(Some(about.brand.name), server.mail_from.clone()),
        reply_to: None,
        return_path: None,
        to: to.address().to_owned(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        feedback: format!("trial:instance:{}", tenant.name),
        signers: vec![],
    };
    let signers = match trial.is_stored {
        true => sender::dkim::signers(tx, &server.services.master, std::slice::from_ref(&trial.sender)).await?,
        false => vec![],
    };
    Ok((letter, signers.into_iter().flatten().collect()))
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
