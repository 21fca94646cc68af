//! `tenantry key`: the keys that tenants sign tokens with.

use super::{InTenant, in_words, list_tenants, say};
use crate::{
    context::Operator,
    key::{self, Algorithm, KeyRow, Rotation},
    kit::{db::Tx, page::Timeline},
    server::Server,
    tenant::Tenant,
};
use chrono::SecondsFormat;
use clap::{Args, Subcommand};
use sea_orm::ActiveEnum;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// List the keys of a tenant
    List {
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Publish the next keys, which sign a day later
    Rotate(RotateKeys),
}

#[derive(Debug, Args)]
pub(super) struct RotateKeys {
    /// The tenant's name; all tenants if not given
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// RS256, ES256 or EdDSA; all if not given
    #[arg(long)]
    algorithm: Option<Algorithm>,
    /// A private half may be known to others: new keys sign at once, and every token of the old ones is dead
    #[arg(long)]
    compromised: bool,
}

impl KeyCommand {
    pub(super) async fn run(self, server: &Server) -> anyhow::Result<()> {
        match self {
            Self::List { tenant } => {
                let tenant = tenant.find(server).await?;
                let list = async |tx: &Tx| key::list(tx, &[], &Timeline::newest()).await;
                let rows = Operator::new(&server.services, tenant.id).read(list).await;
                show(&rows.map_err(in_words)?.items)
            }
            Self::Rotate(rotate) => rotate.run(server).await,
        }
    }
}

impl RotateKeys {
    async fn run(self, server: &Server) -> anyhow::Result<()> {
        let tenants: Vec<Tenant> = match &self.tenant {
            Some(name) => vec![super::find_tenant(server, name).await?],
            None => list_tenants(server).await?.into_iter().map(Tenant::from).collect(),
        };
        let algorithms = self.algorithm.map_or_else(|| Algorithm::ALL.to_vec(), |one| vec![one]);
        let how = match self.compromised {
            true => Rotation::Compromised,
            false => Rotation::Smooth,
        };
        for tenant in tenants {
            let made = key::make(&algorithms).await?;
            let rotate = async |tx: &Tx| {
                key::rotate(tx, &server.services.master, made, how).await?;
                key::list(tx, &[], &Timeline::newest()).await
            };
            let operator = Operator::new(&server.services, tenant.id);
            let rows = operator
                .write("signing-keys:rotate", "*", rotate)
                .await
                .map_err(in_words)?;
            say(format!("{}:", tenant.name))?;
            show(&rows.items)?;
        }
        match how {
            Rotation::Compromised => say("The old keys are withdrawn: every token that they signed is dead."),
            Rotation::Smooth => say("What is next signs when its time has come; until then nothing changes."),
        }
    }
}

fn show(rows: &[KeyRow]) -> anyhow::Result<()> {
    say(format!("{:<14}  {:<9}  {:<8}  SIGNS FROM", "KEY", "ALGORITHM", "STATE"))?;
    rows.iter().try_for_each(|row| {
        let from = row.signs_from().to_rfc3339_opts(SecondsFormat::Secs, true);
        let (algorithm, state) = (row.algorithm.as_str(), row.state.to_value());
        say(format!("{:<14}  {algorithm:<9}  {state:<8}  {from}", row.kid))
    })
}
