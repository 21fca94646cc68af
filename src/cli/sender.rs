//! `tenantry sender`: the relays that a tenant's mail leaves by.

use super::{InTenant, in_words, say};
use crate::{
    account,
    context::Operator,
    kit::{
        error::Error,
        text::{Email, SenderName},
    },
    sender::{self, Sender, State},
    server::Server,
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum SenderCommand {
    /// List the senders of a tenant, the one that is used first first
    List {
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Send a mail by a sender, and show each step with the relay's words
    Verify {
        /// The sender's name
        name: SenderName,
        /// Where the mail goes
        #[arg(long, value_name = "ADDRESS")]
        to: Email,
        #[command(flatten)]
        tenant: InTenant,
    },
}

impl SenderCommand {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        match self {
            Self::List { tenant } => {
                let tenant = tenant.find(server).await?;
                let operator = Operator::new(&server.services, tenant.id);
                let senders = operator.read(async |tx| sender::all(tx).await).await;
                say(format!("{:<30}  {:<8}  {:<40}  RELAY", "NAME", "STATE", "FROM"))?;
                senders
                    .map_err(in_words)?
                    .iter()
                    .try_for_each(|sender| say(line(sender)))
            }
            Self::Verify { name, to, tenant } => {
                let tenant = tenant.find(server).await?;
                match Box::pin(account::try_sender(server, &tenant, &name, &to)).await {
                    Ok(tried) => {
                        for taken in &tried.steps {
                            let answer = taken.answer.as_deref().unwrap_or_default();
                            step("ok", taken.step.as_str(), answer)?;
                        }
                        say(format!("The relay took the mail <{}>.", tried.message_id))
                    }
                    Err(Error::Explained { code, fields }) => {
                        for field in &fields {
                            step(&field.code, &field.field, &field.detail)?;
                        }
                        Err(in_words(code.into()))
                    }
                    Err(error) => Err(in_words(error)),
                }
            }
        }
    }
}

fn line(sender: &Sender) -> String {
    let state = match (sender.spec.enabled, sender.state()) {
        (false, _) => "off",
        (true, State::Active) => "active",
        (true, State::Failing) => "failing",
    };
    let spec = &sender.spec;
    format!(
        "{:<30}  {state:<8}  {:<40}  {}:{}",
        sender.name(),
        spec.from_address.to_string(),
        spec.host,
        spec.port
    )
}

fn step(verdict: &str, step: &str, answer: &str) -> anyhow::Result<()> {
    say(format!("{verdict:<7}  {step:<12}  {answer}"))
}
