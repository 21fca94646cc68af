//! The texts that the domain name system has for a name (TXT records, RFC 1035 §3.3.14).

use anyhow::Context;
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
    proto::rr::{Name, RData, RecordType},
};
use std::{net::SocketAddr, time::Duration};
use tokio::sync::OnceCell;

/// How long one question may take, to each server.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often each is asked.
const ATTEMPTS: usize = 2;

/// Asks name servers. Nothing is remembered: who asks wants to know what is there now.
pub struct Dns {
    servers: Vec<SocketAddr>,
    /// Made when it is first needed.
    resolver: OnceCell<TokioResolver>,
}

impl Dns {
    /// Asks these servers, the system's if there is none.
    #[must_use]
    pub fn new(servers: Vec<SocketAddr>) -> Self {
        Self {
            servers,
            resolver: OnceCell::new(),
        }
    }

    fn make(&self) -> anyhow::Result<TokioResolver> {
        let mut builder = if self.servers.is_empty() {
            TokioResolver::builder_tokio()?
        } else {
            let server = |address: &SocketAddr| {
                let mut server = NameServerConfig::udp_and_tcp(address.ip());
                server.connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
                for connection in &mut server.connections {
                    connection.port = address.port();
                }
                server
            };
            let servers = self.servers.iter().map(server).collect();
            let config = ResolverConfig::from_parts(None, vec![], servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        let options = builder.options_mut();
        (options.timeout, options.attempts, options.cache_size) = (PATIENCE, ATTEMPTS, 0);
        builder.build().context("making a resolver")
    }

    /// The texts of this name, each with its strings joined; none if there is no such name.
    ///
    /// # Errors
    /// No server answers, or with a failure.
    pub async fn texts(&self, name: &str) -> anyhow::Result<Vec<String>> {
        let resolver = self.resolver.get_or_try_init(async || self.make()).await?;
        let mut name = Name::from_ascii(name).context("the name of a domain")?;
        // Whole: nothing that the system would search is put behind it.
        name.set_fqdn(true);
        let found = match resolver.lookup(name, RecordType::TXT).await {
            Ok(found) => found,
            Err(error) if error.is_no_records_found() => return Ok(vec![]),
            Err(error) => return Err(error).context("asking for a text record"),
        };
        let text = |data: &RData| match data {
            RData::TXT(text) => Some(text.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect()),
            _ => None,
        };
        Ok(found.answers().iter().filter_map(|record| text(&record.data)).collect())
    }
}
