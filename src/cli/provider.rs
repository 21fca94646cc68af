//! `tenantry provider`: the providers that people sign in through.

use super::{InTenant, in_words, say};
use crate::{
    account,
    context::Operator,
    kit::text::ProviderName,
    provider::{self, Look, Provider},
    server::Server,
};
use clap::Subcommand;
use sea_orm::ActiveEnum;

#[derive(Debug, Subcommand)]
pub(super) enum ProviderCommand {
    /// List the providers of a tenant
    List {
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Look at a provider: its metadata, its keys, and whether it knows the client ID and the secret
    Test {
        /// The provider's name
        name: ProviderName,
        #[command(flatten)]
        tenant: InTenant,
    },
}

impl ProviderCommand {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        match self {
            Self::List { tenant } => {
                let tenant = tenant.find(server).await?;
                let operator = Operator::new(&server.services, tenant.id);
                let providers = operator.read(async |tx| provider::all(tx).await).await;
                say(format!("{:<30}  {:<10}  {:<10}  DISPLAY NAME", "NAME", "KIND", "STATE"))?;
                providers
                    .map_err(in_words)?
                    .iter()
                    .try_for_each(|provider| say(line(provider)))
            }
            Self::Test { name, tenant } => {
                let tenant = tenant.find(server).await?;
                let looked = Box::pin(account::provider::look_at(server, &tenant, &name)).await;
                let looked = looked.map_err(in_words)?;
                for look in &looked {
                    let verdict = if look.ok { "ok" } else { "failed" };
                    say(format!("{verdict:<7}  {:<12}  {}", what(look.at), look.detail))?;
                }
                let failed = looked.iter().filter(|look| !look.ok).count();
                anyhow::ensure!(failed == 0, "{failed} of the above to mend");
                Ok(())
            }
        }
    }
}

fn what(at: Look) -> &'static str {
    match at {
        Look::Metadata => "metadata",
        Look::Keys => "keys",
        Look::Credentials => "credentials",
    }
}

fn line(provider: &Provider) -> String {
    let state = match (provider.is_enabled(), provider.missing().is_empty()) {
        (true, _) => "enabled",
        (false, true) => "disabled",
        (false, false) => "incomplete",
    };
    format!(
        "{:<30}  {:<10}  {state:<10}  {}",
        provider.name(),
        provider.spec.kind.to_value(),
        provider.spec.display_name
    )
}
