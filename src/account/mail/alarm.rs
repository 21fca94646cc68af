//! Telling a tenant's owners that mail does not leave by a sender any more.

use crate::{
    access::policy::OWNER,
    account::notification::mail_holders,
    kit::{db::Tx, error::Result},
    message::Template,
    sender::Sender,
};

/// Mails those who have proven their address, by whichever sender works.
pub(super) async fn tell_owners(tx: &Tx, sender: &Sender) -> Result<()> {
    let about = sender.spec.display_name.to_string();
    mail_holders(tx, &[OWNER.to_owned()], Template::SenderFailing, (&about, None)).await
}
