//! The texts that the domain name system has for a name (TXT records, RFC 1035 §3.3.14).

use anyhow::Context;
use futures_util::future::join_all;
use hickory_resolver::{
    ResolverBuilder, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
    proto::rr::{Name, RData, RecordType},
};
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::sync::OnceCell;

/// How long one question may take, to each server.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often each is asked.
const ATTEMPTS: usize = 2;
/// Servers of a zone that are looked for.
const MOST_SERVERS: usize = 6;
/// Where servers of a zone answer (RFC 1035 §4.2).
const PORT: u16 = 53;

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
        match self.servers.is_empty() {
            true => build(TokioResolver::builder_tokio()?, true),
            false => build(of_servers(&self.servers), true),
        }
    }

    /// The texts of this name, each with its strings joined; none if there is no such name.
    ///
    /// # Errors
    /// No server answers, or with a failure.
    pub async fn texts(&self, name: &str) -> anyhow::Result<Vec<String>> {
        let resolver = self.resolver.get_or_try_init(async || self.make()).await?;
        texts(resolver, name).await
    }

    /// The texts of this name as the servers of its zone have them, each by its address: two of them, if it has two. No
    /// other is believed, whose word somebody else may have put there. Where servers were given, it is these that are
    /// asked. `may_ask` says which addresses are called at all.
    ///
    /// # Errors
    /// No server of the zone is found.
    pub async fn texts_of_zone(&self, name: &str, may_ask: impl Fn(IpAddr) -> bool) -> anyhow::Result<Vec<OfServer>> {
        let servers = match self.servers.is_empty() {
            false => self.servers.clone(),
            true => self.servers_of_zone(name, may_ask).await?,
        };
        let ask = servers.into_iter().take(2).map(async |server| {
            let texts = async { texts(&build(of_servers(&[server]), false)?, name).await };
            (server, texts.await)
        });
        Ok(join_all(ask).await)
    }

    /// The servers of the zone that the name is in, one address of each.
    async fn servers_of_zone(&self, name: &str, may_ask: impl Fn(IpAddr) -> bool) -> anyhow::Result<Vec<SocketAddr>> {
        let resolver = self.resolver.get_or_try_init(async || self.make()).await?;
        let mut zone = absolute(name)?;
        let names = loop {
            anyhow::ensure!(zone.num_labels() > 1, "no zone of {name} has a name server");
            let found = look_up(resolver, zone.clone(), RecordType::NS).await?;
            let name = |data| match data {
                RData::NS(server) => Some(server.0),
                _ => None,
            };
            let names: Vec<Name> = found.into_iter().filter_map(name).collect();
            if !names.is_empty() {
                break names;
            }
            zone = zone.base_name();
        };
        let mut servers = vec![];
        for server in names.into_iter().take(MOST_SERVERS) {
            let found = resolver.lookup_ip(server).await;
            // One that cannot be found may have others beside it.
            let address = found.ok().and_then(|found| found.iter().find(|ip| may_ask(*ip)));
            servers.extend(address.map(|ip| SocketAddr::new(ip, PORT)));
        }
        anyhow::ensure!(!servers.is_empty(), "no name server of {zone} can be asked");
        Ok(servers)
    }
}

/// What one server said.
pub type OfServer = (SocketAddr, anyhow::Result<Vec<String>>);

fn of_servers(servers: &[SocketAddr]) -> ResolverBuilder<TokioRuntimeProvider> {
    let server = |address: &SocketAddr| {
        let mut server = NameServerConfig::udp_and_tcp(address.ip());
        server.connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
        for connection in &mut server.connections {
            connection.port = address.port();
        }
        server
    };
    let servers = servers.iter().map(server).collect();
    let config = ResolverConfig::from_parts(None, vec![], servers);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
}

fn build(mut builder: ResolverBuilder<TokioRuntimeProvider>, recursive: bool) -> anyhow::Result<TokioResolver> {
    let options = builder.options_mut();
    (options.timeout, options.attempts, options.cache_size) = (PATIENCE, ATTEMPTS, 0);
    options.recursion_desired = recursive;
    builder.build().context("making a resolver")
}

/// Whole: nothing that the system would search is put behind it.
fn absolute(name: &str) -> anyhow::Result<Name> {
    let mut name = Name::from_ascii(name).context("the name of a domain")?;
    name.set_fqdn(true);
    Ok(name)
}

async fn look_up(resolver: &TokioResolver, name: Name, kind: RecordType) -> anyhow::Result<Vec<RData>> {
    match resolver.lookup(name, kind).await {
        Ok(found) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
        Err(error) if error.is_no_records_found() => Ok(vec![]),
        Err(error) => Err(error).with_context(|| format!("asking for a record of the kind {kind}")),
    }
}

async fn texts(resolver: &TokioResolver, name: &str) -> anyhow::Result<Vec<String>> {
    let found = look_up(resolver, absolute(name)?, RecordType::TXT).await?;
    let text = |data: &RData| match data {
        RData::TXT(text) => Some(text.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect()),
        _ => None,
    };
    Ok(found.iter().filter_map(text).collect())
}
