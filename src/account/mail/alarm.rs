//! Telling a tenant's owners that mail does not leave by a sender any more.

use crate::{
    access::policy::OWNER,
    email,
    kit::{db::Tx, error::Result},
    message::{self, MailOptions, Outgoing, Template},
    sender::Sender,
    user,
};

/// Owners that are told, the oldest accounts first.
const MOST: u32 = 10;

/// Mails those who have proven their address, by whichever sender works.
pub(super) async fn tell_owners(tx: &Tx, sender: &Sender) -> Result<()> {
    let owners = user::holders(tx, Some(&[OWNER.to_owned()]), &[], None, MOST).await?;
    let owners: Vec<_> = owners.into_iter().map(|owner| owner.id).collect();
    let addresses = email::of_users(tx, &owners).await?;
    let proven = owners
        .iter()
        .filter_map(|owner| addresses.get(owner))
        .filter(|addresses| addresses.primary.verified_at.is_some());
    for addresses in proven {
        let wanted = Outgoing {
            template: Template::SenderFailing,
            address: &addresses.primary.address,
            options: MailOptions::default(),
            about: Some(&sender.spec.display_name.to_string()),
            deed: None,
            verification: None,
        };
        message::queue(tx, wanted).await?;
    }
    Ok(())
}
