//! `tenantry session`: signing people out.

use super::{find_tenant, in_words, list_tenants, say};
use crate::{context::Operator, kit::db::Tx, server::Server, session, tenant::Tenant};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum SessionCommand {
    /// End every session, such as after a backup was put back, which has what was signed out since
    EndAll {
        /// The tenant's name; all tenants if not given
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
}

impl SessionCommand {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        let Self::EndAll { tenant } = self;
        let tenants: Vec<Tenant> = match tenant {
            Some(name) => vec![find_tenant(server, &name).await?],
            None => list_tenants(server).await?.into_iter().map(Tenant::from).collect(),
        };
        for tenant in tenants {
            let operator = Operator::new(&server.services, tenant.id);
            let end = async |tx: &Tx| session::end_of_everybody(tx).await;
            let ended = operator
                .write("users/sessions:delete", "*", end)
                .await
                .map_err(in_words)?;
            say(format!("{:<40}  {ended} sessions ended", tenant.name))?;
        }
        Ok(())
    }
}
