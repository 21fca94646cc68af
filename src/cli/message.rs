//! `tenantry message`: mail that did not leave.

use super::{InTenant, in_words, say};
use crate::{
    account,
    context::Operator,
    kit::{db::Tx, id::MessageId},
    server::Server,
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum MessageCommand {
    /// Send a message again that failed or was cancelled, as a new one
    Resend {
        /// The message's name
        name: MessageId,
        #[command(flatten)]
        tenant: InTenant,
    },
}

impl MessageCommand {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        let Self::Resend { name, tenant } = self;
        let tenant = tenant.find(server).await?;
        let operator = Operator::new(&server.services, tenant.id);
        let resend = async |tx: &Tx| account::resend_message(tx, &server.services.master, name).await;
        let message = operator.write("messages:resend", &name.to_string(), resend).await;
        let message = message.map_err(in_words)?.message;
        say(format!("The message to {} is sent again.", message.address))
    }
}
