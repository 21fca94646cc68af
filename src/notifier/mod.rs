//! The notifier of Halo: its one object is the first sender.

pub mod api;
pub mod wire;

use crate::{
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        secret::MasterKey,
        text::{NotifierName, SenderName},
    },
    sender::{self, Bounds, Password, Sender, spec::Spec},
};

/// Its name.
pub const NAME: &str = "default-email-notifier";
/// What the first sender is called that is made by it.
const FIRST: &str = "default";

/// Whether this is the name of a notifier.
///
/// # Errors
/// [`Code::NotifierNotFound`].
pub fn check_name(name: &NotifierName) -> Result<()> {
    match name.to_string() == NAME {
        true => Ok(()),
        false => Err(Code::NotifierNotFound.into()),
    }
}

/// The first sender.
pub async fn first(tx: &Tx) -> Result<Option<Sender>> {
    Ok(sender::all(tx).await?.into_iter().next())
}

/// Makes the first sender what this is, or makes it.
///
/// # Errors
/// Those of [`sender::create`] and [`sender::update`].
pub async fn write(tx: &Tx, master: &MasterKey, (spec, password): (Spec, Password), bounds: &Bounds) -> Result<Sender> {
    match first(tx).await? {
        None => {
            let name: SenderName = FIRST.parse().map_err(anyhow::Error::msg)?;
            sender::create(tx, master, (&name, spec, password), bounds).await
        }
        Some(first) => {
            let name: SenderName = first.name().parse().map_err(anyhow::Error::msg)?;
            let old = sender::get_for_update(tx, &name).await?;
            // What is not in Halo's object stays.
            let spec = Spec {
                display_name: old.spec.display_name.clone(),
                reply_to: old.spec.reply_to.clone(),
                envelope_domain: old.spec.envelope_domain.clone(),
                per_minute: old.spec.per_minute,
                per_day: old.spec.per_day,
                ..spec
            };
            sender::update(tx, master, (old, None), (spec, password), bounds).await
        }
    }
}

/// The sender that this describes, which is kept nowhere, and its password: the stored one only where it goes to the
/// same relay, for the same user and as well encrypted.
///
/// # Errors
/// [`Code::SecretRequired`] where it does not; those of [`sender::create`].
pub async fn draft(
    tx: &Tx,
    master: &MasterKey,
    (spec, password): (Spec, Password),
    bounds: &Bounds,
) -> Result<(Sender, Option<zeroize::Zeroizing<String>>)> {
    let password = match password {
        Password::Set(plain) => Some(plain),
        Password::Remove => None,
        Password::Keep if spec.username.is_none() => None,
        Password::Keep => {
            let stored = first(tx).await?;
            let same = |old: &Sender| old.spec.has_same_relay(&spec) && old.spec.encryption == spec.encryption;
            let Some(stored) = stored.filter(same) else {
                return Err(Error::of_field(Code::SecretRequired, "password"));
            };
            stored.password(tx.tenant(), master)?
        }
    };
    Ok((sender::draft(tx, spec, password.is_some(), bounds)?, password))
}
