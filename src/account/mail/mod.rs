//! The job that sends a message: chooses a relay, renders the message with a code of its own, and hands it over.

mod alarm;
mod bounce;
mod delivery;
mod explain;
mod probe;
mod records;
mod render;
mod route;
mod showing;
mod trial;

use crate::{
    address_health::{self, AddressHealth},
    email,
    job::{self, Job, Prepared},
    kit::{
        db::Tx,
        error::{Code, Result},
        id::{MessageId, UserId},
        mail::{BounceToken, OutgoingEmail},
        secret::MasterKey,
    },
    limit,
    message::{self, Delivered, Message, State, Template, Unasked},
    message_template::render_or_built_in,
    provider::{identity, pending},
    server::Server,
    setting::{self, Branding, General},
    tenant::Tenant,
    verification::{self, Challenge, ToMail},
};
use async_trait::async_trait;
pub use bounce::{Counted, receive_bounces, take_reports};
use delivery::Delivery;
pub use explain::{Explanation, Finding, FindingCode, explain_delivery};
use lettre::message::Mailbox;
pub use probe::ProbeJob;
pub use records::DkimJob;
use render::Done;
use route::{Choice, Way, choose, pace};
use sea_orm::ActiveEnum;
pub use showing::{Draft, Shown, preview_message, test_template};
use std::sync::Arc;
pub use trial::{Trial, Tried, addressee, bounds_of, try_out, try_sender};

/// Sends messages.
pub struct MailJob(pub Server);

#[async_trait]
impl Job for MailJob {
    fn kind(&self) -> &'static str {
        message::JOB
    }

    // Each step is before what costs more: nothing is made that is not used, and a code least of all.
    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let server = &self.0;
        let Some(message) = message::of_job(tx, job.id).await? else {
            return Ok(Prepared::Nothing);
        };
        if message.state == State::Cancelled {
            return Ok(Prepared::Nothing);
        }
        let challenge = match message.verification_id {
            None => None,
            Some(id) => match verification::to_mail(tx, id).await? {
                ToMail::Wanted(challenge) => Some(challenge),
                ToMail::Over => return drop_unsent(tx, message, false).await,
                ToMail::ForNobody => return drop_unsent(tx, message, true).await,
            },
        };
        let known = address_health::find(tx, email::parse(&message.address)?.key()).await?;
        if let Some(why) = refused_before(tx, &message, known.as_ref(), challenge.as_deref()).await? {
            message::end_unasked(tx, &message, why).await?;
            return Ok(Prepared::Nothing);
        }
        let tenant = server.tenant_of_job(tx.tenant()).await?;
        let ways = match choose(tx, server, &tenant, &message).await? {
            Choice::Ways(ways) => ways,
            // By no other sender it would come when all is well again.
            Choice::Later(_) if message.template == Template::SenderFailing => {
                return drop_unsent(tx, message, false).await;
            }
            Choice::Later(at) => return put_off(tx, &message, at).await,
            Choice::TooLate => return drop_unsent(tx, message, false).await,
        };
        if let Some(at) = pace(tx, server, &tenant, (&message, &ways[0])).await? {
            return put_off(tx, &message, at).await;
        }
        if !message::begin_sending(tx, &message).await? {
            return Ok(Prepared::Nothing);
        }
        let letter = self.letter(tx, &tenant, (&message, challenge)).await?;
        let origin = Origin::of(tx, server, (&tenant, &message)).await?;
        let delivery = Delivery::new(server.clone(), (message, known), letter, (ways, origin));
        Ok(Prepared::attempt(delivery))
    }
}

impl MailJob {
    /// The message with a code of its own, as it is by the relay of the instance.
    async fn letter(
        &self,
        tx: &Tx,
        tenant: &Tenant,
        (message, challenge): (&Message, Option<Box<Challenge>>),
    ) -> Result<OutgoingEmail> {
        let server = &self.0;
        let identities = match challenge.as_ref().and_then(|challenge| challenge.user_id) {
            Some(user) if message.template == Template::ResetPassword => ways_in(tx, user).await?,
            _ => String::new(),
        };
        let secrets = match challenge.filter(|_| message.template.has_secrets()) {
            Some(challenge) => Some(verification::mint(tx, &server.services.master, *challenge).await?),
            None => None,
        };
        let (branding, _) = setting::read::<Branding>(tx).await?;
        let about = render::About {
            kind: message.template,
            brand: branding.of(tenant, message.client_id.as_deref()),
            url: server.services.urls.of(tenant),
            secrets: secrets.as_ref(),
            provider: match message.verification_id {
                Some(id) if message.template == Template::LinkIdentity => pending::provider_of(tx, id).await?,
                _ => message.about.clone(),
            },
            deed: Done::of(message),
            identities,
            zone: branding.time_zone.unwrap_or_default(),
        };
        let template = showing::template_of(tx, message.template, &message.language).await?;
        let (kind, language) = (template.kind, template.language);
        let rendered = match message.test {
            true => {
                let values = about.examples(kind, &message.address, language);
                showing::as_test(render_or_built_in(&template, &values)?)
            }
            false => render_or_built_in(&template, &about.values(&message.address, language))?,
        };
        Ok(OutgoingEmail {
            id: format!("{}@{}", message.id, server.mail_from.domain()),
            from: Mailbox::new(Some(about.brand.name), server.mail_from.clone()),
            reply_to: None,
            return_path: None,
            to: message.address.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            feedback: format!("{}:instance:{}", kind.name(), tenant.name),
            signers: vec![],
        })
    }
}

/// What signs in to an account besides its password: whoever else added that gets in after another one is chosen.
async fn ways_in(tx: &Tx, user: UserId) -> Result<String> {
    let linked = identity::list(tx, user).await?;
    let mut names: Vec<_> = linked
        .into_iter()
        .map(|linked| linked.provider.spec.display_name.to_string())
        .collect();
    names.dedup();
    Ok(names.join(", "))
}

/// Why no relay is asked to take this message, if its address refuses mail or its owner complained. Whoever asks for a code of their own
/// account has one be asked once more.
async fn refused_before(
    tx: &Tx,
    message: &Message,
    known: Option<&AddressHealth>,
    challenge: Option<&Challenge>,
) -> Result<Option<Unasked>> {
    let Some(known) = known else { return Ok(None) };
    let is_asked_for = message.test || message.template.is_asked_for();
    if let Some(since) = known.complained_since(tx.now).filter(|_| !is_asked_for) {
        return Ok(Some(Unasked::Complained(since)));
    }
    let Some(since) = known.undeliverable_since(tx.now) else {
        return Ok(None);
    };
    let is_of_owner = challenge.is_some_and(|challenge| challenge.purpose.is_of_owner());
    if is_of_owner && address_health::retry(tx, known).await? {
        return Ok(None);
    }
    Ok(Some(Unasked::Undeliverable(since, known.diagnostic.clone())))
}

async fn drop_unsent(tx: &Tx, message: Message, was_for_nobody: bool) -> Result<Prepared> {
    message::drop_unsent(tx, message, was_for_nobody).await?;
    Ok(Prepared::Nothing)
}

async fn put_off(tx: &Tx, message: &Message, at: chrono::DateTime<chrono::Utc>) -> Result<Prepared> {
    message::put_off(tx, message, at).await?;
    Ok(Prepared::PutOff(at))
}

/// What the instance calls itself in mail of this tenant that leaves by its relay: nothing in that of the default tenant.
async fn instance_name(tx: &Tx, server: &Server, tenant: &Tenant) -> Result<Option<Arc<str>>> {
    if tenant.is_default() {
        return Ok(None);
    }
    let general: General = setting::read_of_instance(tx).await?;
    match general.name {
        Some(name) => Ok(Some(name.to_string().into())),
        None => server.instance_name(tenant).await,
    }
}

/// What a letter says of where it comes from.
#[derive(Default)]
struct Origin {
    /// What the instance calls itself in it.
    instance: Option<Arc<str>>,
    /// The local part of the address that its bounces go to, if anybody would read them.
    bounces: Option<String>,
    /// The domain of that, where it leaves by the instance.
    domain: Option<String>,
}

impl Origin {
    async fn of(tx: &Tx, server: &Server, (tenant, message): (&Tenant, &Message)) -> Result<Self> {
        let token = BounceToken {
            tenant: tenant.bounce_key,
            message: message.id,
        };
        Ok(Self {
            instance: instance_name(tx, server, tenant).await?,
            bounces: Some(token.local_part(&server.services.master)),
            domain: server.config.bounce_domain.clone(),
        })
    }

    /// Where bounces go at this domain.
    fn return_path(&self, domain: Option<&String>) -> Option<String> {
        Some(format!("{}@{}", self.bounces.as_ref()?, domain?))
    }
}

/// The letter as it leaves by this way.
fn addressed(letter: &OutgoingEmail, way: &Way, origin: &Origin) -> Result<OutgoingEmail> {
    let brand = letter.from.name.as_deref().unwrap_or_default();
    let mut letter = letter.clone();
    match way {
        Way::Sender(sender, _, signers) => {
            letter.signers.clone_from(signers);
            let spec = &sender.spec;
            let address = |address: &crate::kit::text::Email| {
                let parsed = address.address().parse::<lettre::Address>();
                parsed.map_err(|error| anyhow::anyhow!("the address of a sender: {error}"))
            };
            let name = spec.from_name.as_ref().map(ToString::to_string);
            letter.from = Mailbox::new(Some(name.unwrap_or_else(|| plain(brand))), address(&spec.from_address)?);
            let reply_to = spec.reply_to.as_ref().map(address).transpose()?;
            letter.reply_to = reply_to.map(|address| Mailbox::new(None, address));
            letter.return_path = origin.return_path(spec.envelope_domain.as_ref());
            letter.feedback = letter.feedback.replacen("instance", sender.name(), 1);
        }
        Way::Instance(_) | Way::Mailbox => {
            letter.return_path = origin.return_path(origin.domain.as_ref());
            let via = origin
                .instance
                .as_ref()
                .map(|instance| format!("{} (via {instance})", plain(brand)));
            letter.from.name = Some(via.unwrap_or_else(|| brand.to_owned()));
        }
    }
    Ok(letter)
}

/// A brand as a name beside an address, which mail programs show instead of the address.
fn plain(brand: &str) -> String {
    let name: String = brand
        .replace("://", " ")
        .chars()
        .filter(|c| !"@<>".contains(*c))
        .take(64)
        .collect();
    name.trim().to_owned()
}

/// Keeps a message from being sent that waits. Its code or link ends.
///
/// # Errors
/// Those of [`message::cancel`].
pub async fn cancel_message(tx: &Tx, id: MessageId, by: &str) -> Result<Delivered> {
    let cancelled = message::cancel(tx, id, by).await?;
    if let Some(challenge) = cancelled.message.verification_id {
        verification::end(tx, challenge).await?;
    }
    Ok(cancelled)
}

/// Sends a message again that failed or was cancelled, as a new one with a code of its own: that of the old one is good
/// no more.
///
/// # Errors
/// [`Code::MessageNotFound`], [`Code::MessageNotResendable`], [`Code::TooManyCodes`].
pub async fn resend_message(tx: &Tx, master: &MasterKey, id: MessageId) -> Result<Delivered> {
    let old = message::get_resendable(tx, id).await?;
    let challenge = match old.verification_id {
        None => None,
        Some(id) => match verification::to_mail(tx, id).await? {
            ToMail::Wanted(challenge) => Some(challenge),
            ToMail::Over | ToMail::ForNobody => return Err(Code::MessageNotResendable.into()),
        },
    };
    if let Some(challenge) = challenge {
        let purpose = challenge.purpose.to_value();
        let receiver = (purpose.as_str(), challenge.address_key.as_str());
        limit::resend(tx, master, receiver, challenge.user_id).await?;
        verification::revoke(tx, &challenge).await?;
    } else {
        let email = email::parse(&old.address)?;
        limit::resend(tx, master, (old.template.name(), email.key()), None).await?;
    }
    message::resend(tx, old).await
}
