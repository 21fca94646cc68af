//! The configuration: defaults, then a file, then the environment.

mod files;
mod source;
#[cfg(test)]
mod tests;

use crate::kit::{forwarded::Forwarding, outbound::Rules, serve::Limits};
use anyhow::Context;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use source::{Given, Keys};
pub use source::{SECRETS, Source, Sources};
use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use url::{Host, Url};

/// Everything that can be configured. Unknown keys are refused.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address of the API, the console and the hosted pages.
    pub listen: String,
    /// Where people reach the server: the origin of every link and issuer.
    pub public_url: Option<Url>,
    /// SQLite files and the generated master key.
    pub data_dir: PathBuf,
    /// Where files are kept: `file:///…`, or `s3://bucket/prefix?region=…&endpoint=…&path_style=true`; without it,
    /// the data directory.
    pub files_url: Option<Url>,
    /// Who the server is to the bucket of `files_url`.
    pub files_access_key_id: Option<String>,
    /// What proves it.
    pub files_secret_access_key: Option<String>,
    /// `postgres://…` for many machines; without it, SQLite in the data directory.
    pub database_url: Option<String>,
    /// Connections to PostgreSQL that are open at a time.
    pub database_connections: u32,
    /// Seconds that PostgreSQL may take for one statement.
    pub statement_timeout: u32,
    /// The SMTP relay; without it, messages are kept and shown.
    pub smtp_url: Option<String>,
    /// The name that the server calls itself by to the relay.
    pub smtp_ehlo: Option<String>,
    /// The address mail comes from.
    pub mail_from: Option<String>,
    /// Whether tenants other than the default one may send by the instance's relay.
    pub mail_shared: bool,
    /// Messages a day that one of them may send by it.
    pub mail_instance_per_day: u32,
    /// Ports that relays of tenants may have besides 25, 465, 587 and 2525.
    pub smtp_ports: Vec<u16>,
    /// Name servers to ask about the domains of senders; the system's if there is none.
    pub dns_servers: Vec<SocketAddr>,
    /// Address that takes bounces by SMTP; without it, none does.
    pub bounce_listen: Option<String>,
    /// Address at which proxies beside the server ask which hosts are to have certificates; without it, none do.
    pub internal_listen: Option<String>,
    /// The domain that bounces of mail by the instance's relay go to; without it, they go to the address mail comes from.
    pub bounce_domain: Option<String>,
    /// Where CAPTCHA tokens are checked instead of the provider's own address.
    pub captcha_url: Option<Url>,
    /// Networks that are no public ones, and that addresses given by tenants may lead to all the same.
    pub outbound_allow: Vec<IpNet>,
    /// The key that seals secrets at rest: 32 bytes in base 64.
    pub master_key: Option<String>,
    /// Name of the first owner of the default tenant.
    pub admin_name: String,
    /// Address of the first owner.
    pub admin_email: String,
    /// Password of the first owner; without it, one is generated and printed once.
    pub admin_password: Option<String>,
    /// Networks whose word on the address of a client is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they give it.
    pub forwarded_header: Forwarding,
    /// SQLite files of tenants that are open at a time.
    pub open_tenants: u64,
    /// With SQLite, the most that the file of a tenant may grow to, in MiB; without it, as far as
    /// there is room.
    pub tenant_file_limit: Option<u32>,
    /// Seconds that a transaction waits for its turn at the database before a request is told to
    /// come back: from 1 to 30.
    pub database_wait: u16,
    /// Connections that may be open; without it, half of the descriptors that the process may have, and
    /// 10,000 at most.
    pub connections: Option<u32>,
    /// Connections that may be open from one address (or network of IPv6), except a trusted proxy.
    pub connections_per_address: u32,
    /// Seconds that the head of a request may take: from 1 to 60.
    pub head_wait: u16,
    /// Seconds that a body may take, besides one for each 16 KiB: from 1 to 600.
    pub body_wait: u16,
    /// Whether tools may ask by gRPC which services there are.
    pub grpc_reflection: bool,
    /// What is logged, as a `tracing` filter.
    pub log: String,
    /// `json`, `pretty`, or `auto`: pretty on a terminal.
    pub log_format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Pretty on a terminal, else JSON.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: None,
            data_dir: "data".into(),
            files_url: None,
            files_access_key_id: None,
            files_secret_access_key: None,
            database_url: None,
            database_connections: 20,
            statement_timeout: 30,
            smtp_url: None,
            smtp_ehlo: None,
            mail_from: None,
            mail_shared: true,
            mail_instance_per_day: 500,
            smtp_ports: vec![],
            dns_servers: vec![],
            bounce_listen: None,
            internal_listen: None,
            bounce_domain: None,
            captcha_url: None,
            outbound_allow: vec![],
            master_key: None,
            admin_name: "admin".to_owned(),
            admin_email: "admin@localhost".to_owned(),
            admin_password: None,
            trusted_proxies: vec![],
            forwarded_header: Forwarding::default(),
            open_tenants: 64,
            tenant_file_limit: None,
            database_wait: 5,
            connections: None,
            connections_per_address: 256,
            head_wait: 10,
            body_wait: 30,
            grpc_reflection: false,
            log: "info".to_owned(),
            log_format: LogFormat::Auto,
        }
    }
}

/// Each key with its meaning, as `tenantry config` prints them.
pub const KEYS: &[(&str, &str)] = &[
    ("listen", "address of the API, the console and the hosted pages"),
    (
        "public_url",
        "where people reach the server (default http://<listen>): the origin of every link and issuer",
    ),
    ("data_dir", "SQLite files and the generated master key"),
    (
        "files_url",
        "where files are kept (default the folder files of data_dir): file:///…, or s3://bucket/prefix?region=…&endpoint=…&path_style=true",
    ),
    (
        "files_access_key_id",
        "who the server is to that bucket; without it, as the machine is told by AWS_WEB_IDENTITY_TOKEN_FILE and its like",
    ),
    ("files_secret_access_key", "what proves it"),
    (
        "database_url",
        "postgres://… for many machines; without it, SQLite in the data directory",
    ),
    (
        "database_connections",
        "connections to PostgreSQL that are open at a time, from 2 to 1000",
    ),
    (
        "statement_timeout",
        "seconds that PostgreSQL may take for one statement, from 1 to 3600",
    ),
    (
        "smtp_url",
        "smtp://user:password@host:port?tls=required; without it, messages are kept in the built-in mailbox",
    ),
    (
        "smtp_ehlo",
        "name that the server calls itself by to the relay (default the host of public_url)",
    ),
    (
        "mail_from",
        "address mail comes from (default no-reply@<host of public_url>)",
    ),
    (
        "mail_shared",
        "whether tenants other than the default one may send by the relay of smtp_url",
    ),
    (
        "mail_instance_per_day",
        "messages a day that each of them may send by it, from 1 to 1000000",
    ),
    (
        "smtp_ports",
        "ports that relays of tenants may have besides 25, 465, 587 and 2525, as [1025]",
    ),
    (
        "dns_servers",
        "name servers to ask about the domains of senders, as [\"10.0.0.53:53\"]; the system's if absent",
    ),
    (
        "bounce_listen",
        "address that takes bounces by SMTP, as 0.0.0.0:25, which the MX of bounce domains leads to; without it, none does",
    ),
    (
        "internal_listen",
        "address at which a proxy beside the server asks which hosts are to have certificates, as 127.0.0.1:8081",
    ),
    (
        "bounce_domain",
        "domain that bounces of mail by the relay of smtp_url go to, each to an address that tells its message",
    ),
    (
        "captcha_url",
        "where CAPTCHA tokens are checked instead of the provider's own address (a proxy, or https://www.recaptcha.net); the provider's path is added",
    ),
    (
        "outbound_allow",
        "networks that are no public ones and that addresses of applications and relays of tenants may lead to all the same, as [\"10.0.0.0/8\"]",
    ),
    (
        "master_key",
        "32 bytes in base 64 that seal secrets at rest; generated into the data directory with SQLite",
    ),
    (
        "admin_name",
        "name of the first owner of the default tenant, on the first start",
    ),
    ("admin_email", "their e-mail address"),
    (
        "admin_password",
        "their password; generated and printed once if not set",
    ),
    (
        "trusted_proxies",
        "networks whose word on the address of a client is believed, as [\"10.0.0.0/8\"]",
    ),
    (
        "forwarded_header",
        "where they give it: x-forwarded-for, forwarded (RFC 7239) or x-real-ip",
    ),
    ("open_tenants", "SQLite files of tenants that are open at a time"),
    (
        "tenant_file_limit",
        "with SQLite, the most that a tenant's file may grow to, in MiB; without it, as far as there is room",
    ),
    (
        "database_wait",
        "seconds, up to 30, that a request waits for its turn at the database before it is told to come back",
    ),
    (
        "connections",
        "connections that may be open (default half of the descriptors the process may have, up to 10000); past them, those that wait for their clients are closed",
    ),
    (
        "connections_per_address",
        "connections from one address (with IPv6 one /64) that may be open; trusted proxies have no bound of their own",
    ),
    ("head_wait", "seconds, up to 60, that the head of a request may take"),
    (
        "body_wait",
        "seconds, up to 600, that the body of a request may take, besides one for each 16 KiB",
    ),
    (
        "grpc_reflection",
        "whether tools such as grpcurl may ask, without a token, which services of gRPC there are and what they are made of",
    ),
    ("log", "what is logged: error, warn, info, debug, or a tracing filter"),
    ("log_format", "auto (pretty on a terminal), json or pretty"),
];

impl Config {
    /// Reads defaults, then `file`, then `TENANTRY_*` of the environment.
    ///
    /// # Errors
    /// The file cannot be read, a key is unknown, or a value is not of its type.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        Self::load_with_sources(file).map(|(config, _)| config)
    }

    /// The same, with where each key that is not as by default comes from.
    ///
    /// # Errors
    /// Those of [`Config::load`].
    pub fn load_with_sources(file: Option<&Path>) -> anyhow::Result<(Self, Sources)> {
        let mut keys = match file {
            Some(file) => source::of_file(file)?,
            None => Keys::new(),
        };
        keys.extend(source::of_environment(std::env::vars_os())?);
        let wrong = "the configuration is not valid (`tenantry config` lists the keys)";
        for (key, Given { value, source }) in &keys {
            // Each by itself, to tell where a wrong one is.
            let alone = toml::Table::from_iter([(key.clone(), value.clone())]);
            Self::deserialize(alone).with_context(|| format!("{wrong}: {}", source.naming(key)))?;
        }
        let table = keys.iter().map(|(key, given)| (key.clone(), given.value.clone()));
        let config = Self::deserialize(table.collect::<toml::Table>()).context(wrong)?;
        let sources = keys.into_iter().map(|(key, given)| (key, given.source)).collect();
        config.check(&sources)?;
        Ok((config, sources))
    }

    fn check(&self, sources: &Sources) -> anyhow::Result<()> {
        let named = |key: &str| sources.get(key).map_or(key.to_owned(), |source| source.naming(key));
        for (key, url) in [("public_url", &self.public_url), ("captcha_url", &self.captcha_url)] {
            let is_base = |url: &Url| {
                matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.query().is_none()
                    && url.fragment().is_none()
            };
            anyhow::ensure!(
                url.as_ref().is_none_or(is_base),
                "{} must be an http or https URL without a query",
                named(key)
            );
        }
        // Cookies, links and issuers of tenants are below the root of the origin.
        anyhow::ensure!(
            self.public_url.as_ref().is_none_or(|url| url.path() == "/"),
            "{} must not have a path: the server wants a host of its own, such as https://id.example.com",
            named("public_url")
        );
        self.check_bounce_domain(&named("bounce_domain"))?;
        let limit = self.tenant_file_limit.unwrap_or(1);
        for (key, value, least, most, unit) in [
            ("database_wait", self.database_wait.into(), 1, 30, "seconds"),
            ("head_wait", self.head_wait.into(), 1, 60, "seconds"),
            ("body_wait", self.body_wait.into(), 1, 600, "seconds"),
            ("connections", self.connections.unwrap_or(1), 1, u32::MAX, "connections"),
            (
                "connections_per_address",
                self.connections_per_address,
                1,
                u32::MAX,
                "connections",
            ),
            ("statement_timeout", self.statement_timeout, 1, 3600, "seconds"),
            (
                "database_connections",
                self.database_connections,
                2,
                1000,
                "connections",
            ),
            ("tenant_file_limit", limit, 1, 1 << 20, "MiB"),
            (
                "mail_instance_per_day",
                self.mail_instance_per_day,
                1,
                1_000_000,
                "messages",
            ),
        ] {
            anyhow::ensure!(
                (least..=most).contains(&value),
                "{} must be from {least} to {most} {unit}",
                named(key)
            );
        }
        Ok(())
    }

    fn check_bounce_domain(&self, name: &str) -> anyhow::Result<()> {
        let is_domain = |domain: &String| domain.len() <= 190 && lettre::Address::new("b", domain.as_str()).is_ok();
        anyhow::ensure!(
            self.bounce_domain.as_ref().is_none_or(is_domain),
            "{name} must be a domain, such as bounces.example.com"
        );
        Ok(())
    }

    /// What may be meant otherwise, and is to be said at the start.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        let mut hints = vec![];
        let everywhere = self.listen.rsplit_once(':').is_some_and(|(host, _)| {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            host.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified())
        });
        if everywhere && self.public_url.is_none() {
            hints.push(format!(
                "TENANTRY_PUBLIC_URL is not set while TENANTRY_LISTEN is {}: browsers can sign in only at {}; \
                 set it to the address that people use",
                self.listen,
                self.base_url()
            ));
        }
        if self.sends_password_in_the_clear() {
            hints.push("TENANTRY_SMTP_URL sends a password without TLS; add ?tls=required or use smtps://".to_owned());
        }
        hints
    }

    /// Whether the credentials for the relay travel without TLS.
    fn sends_password_in_the_clear(&self) -> bool {
        let url = self.smtp_url.as_deref().and_then(|url| Url::parse(url).ok());
        url.is_some_and(|url| {
            let mut query = url.query_pairs();
            let is_secure = url.scheme() == "smtps" || query.any(|(key, value)| key == "tls" && value == "required");
            !is_secure && !url.username().is_empty()
        })
    }

    /// The origin people reach the server at, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }

    /// What connections there may be, with `descriptors` that the process may have.
    #[must_use]
    pub fn limits(&self, descriptors: u64) -> Limits {
        // The other half is for databases, files and what is asked outside.
        let most = usize::try_from(descriptors / 2).unwrap_or(usize::MAX).clamp(1, 10_000);
        Limits {
            head: Duration::from_secs(self.head_wait.into()),
            body: Duration::from_secs(self.body_wait.into()),
            connections: self.connections.map_or(most, |connections| connections as usize),
            per_address: self.connections_per_address as usize,
            proxies: self.trusted_proxies.clone(),
        }
    }

    /// Where addresses that tenants give may lead.
    #[must_use]
    pub fn outbound(&self) -> Rules {
        Rules {
            allowed: self.outbound_allow.clone(),
            loopback: self.is_development(),
        }
    }

    /// The host people reach the server at.
    #[must_use]
    pub fn public_host(&self) -> String {
        let url = Url::parse(&self.base_url()).ok();
        url.and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_else(|| "localhost".to_owned())
    }

    /// Whether only the machine itself reaches the server: what is known to everybody may guard it.
    #[must_use]
    pub fn is_development(&self) -> bool {
        let url = Url::parse(&self.base_url()).ok();
        match url.as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}
