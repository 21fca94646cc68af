//! The configuration: defaults, then a file, then the environment.

use crate::kit::serve::Limits;
use anyhow::Context;
use ipnet::IpNet;
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use url::{Host, Url};

/// Everything that can be configured. Unknown keys are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address of the API, the console and the hosted pages.
    pub listen: String,
    /// Where people reach the server: the origin of every link and issuer.
    pub public_url: Option<Url>,
    /// SQLite files and the generated master key.
    pub data_dir: PathBuf,
    /// `postgres://…` for many machines; without it, SQLite in the data directory.
    pub database_url: Option<String>,
    /// The SMTP relay; without it, messages are kept and shown.
    pub smtp_url: Option<String>,
    /// The address mail comes from.
    pub mail_from: Option<String>,
    /// Where CAPTCHA tokens are checked instead of the provider's own address.
    pub captcha_url: Option<Url>,
    /// The key that seals secrets at rest: 32 bytes in base 64.
    pub master_key: Option<String>,
    /// A file with that key.
    pub master_key_file: Option<PathBuf>,
    /// Name of the first owner of the default tenant.
    pub admin_name: String,
    /// Address of the first owner.
    pub admin_email: String,
    /// Password of the first owner; without it, one is generated and printed once.
    pub admin_password: Option<String>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
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
    /// What is logged, as a `tracing` filter.
    pub log: String,
    /// `json`, `pretty`, or `auto`: pretty on a terminal.
    pub log_format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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
            database_url: None,
            smtp_url: None,
            mail_from: None,
            captcha_url: None,
            master_key: None,
            master_key_file: None,
            admin_name: "admin".to_owned(),
            admin_email: "admin@localhost".to_owned(),
            admin_password: None,
            trusted_proxies: vec![],
            open_tenants: 64,
            tenant_file_limit: None,
            database_wait: 5,
            connections: None,
            connections_per_address: 256,
            head_wait: 10,
            body_wait: 30,
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
        "database_url",
        "postgres://… for many machines; without it, SQLite in the data directory",
    ),
    (
        "smtp_url",
        "smtp://user:password@host:port?tls=required; without it, messages are kept in the built-in mailbox",
    ),
    (
        "mail_from",
        "address mail comes from (default no-reply@<host of public_url>)",
    ),
    (
        "captcha_url",
        "where CAPTCHA tokens are checked instead of the provider's own address (a proxy, or https://www.recaptcha.net); the provider's path is added",
    ),
    (
        "master_key",
        "32 bytes in base 64 that seal secrets at rest; generated into the data directory with SQLite",
    ),
    ("master_key_file", "a file with that key"),
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
        "networks whose X-Forwarded-For is believed, as [\"10.0.0.0/8\"]",
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
    ("log", "what is logged: error, warn, info, debug, or a tracing filter"),
    ("log_format", "auto (pretty on a terminal), json or pretty"),
];

impl Config {
    /// Reads defaults, then `file`, then `TENANTRY_*` of the environment.
    ///
    /// # Errors
    /// The file cannot be read, a key is unknown, or a value is not of its type.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut keys = match file {
            Some(file) => std::fs::read_to_string(file)
                .with_context(|| format!("reading {}", file.display()))?
                .parse::<toml::Table>()
                .with_context(|| format!("{} is not TOML", file.display()))?,
            None => toml::Table::new(),
        };
        for (name, value) in std::env::vars() {
            // The other one speaks to the build, not to the server.
            if let Some(key) = name.strip_prefix("TENANTRY_").filter(|key| *key != "CONSOLE_DIST") {
                let key = key.to_ascii_lowercase();
                let value = from_environment(&key, value);
                keys.insert(key, value);
            }
        }
        let config =
            Self::deserialize(keys).context("the configuration is not valid (`tenantry config` lists the keys)")?;
        let urls = [("public_url", &config.public_url), ("captcha_url", &config.captcha_url)];
        for (key, url) in urls {
            let is_base = |url: &Url| {
                matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.query().is_none()
                    && url.fragment().is_none()
            };
            anyhow::ensure!(
                url.as_ref().is_none_or(is_base),
                "{key} must be an http or https URL without a query"
            );
        }
        let waits = [
            ("database_wait", config.database_wait, 30),
            ("head_wait", config.head_wait, 60),
            ("body_wait", config.body_wait, 600),
        ];
        for (key, wait, most) in waits {
            anyhow::ensure!((1..=most).contains(&wait), "{key} must be from 1 to {most} seconds");
        }
        anyhow::ensure!(
            config.connections != Some(0) && config.connections_per_address > 0,
            "connections and connections_per_address must be 1 or more"
        );
        anyhow::ensure!(
            config
                .tenant_file_limit
                .is_none_or(|limit| (1..=1 << 20).contains(&limit)),
            "tenant_file_limit must be from 1 to 1048576 MiB"
        );
        Ok(config)
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

/// The environment has only text: lists are separated by commas, numbers are digits.
fn from_environment(key: &str, value: String) -> toml::Value {
    match key {
        "trusted_proxies" => value
            .split(',')
            .map(|network| toml::Value::from(network.trim()))
            .filter(|network| network.as_str() != Some(""))
            .collect::<Vec<_>>()
            .into(),
        "open_tenants"
        | "tenant_file_limit"
        | "database_wait"
        | "connections"
        | "connections_per_address"
        | "head_wait"
        | "body_wait" => value.parse::<i64>().map_or(value.into(), Into::into),
        _ => value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_explained() {
        let explained: Vec<_> = KEYS.iter().map(|(key, _)| *key).collect();
        let unknown = Config::deserialize(toml::Table::from_iter([("colour".to_owned(), "red".into())]));
        let message = unknown.unwrap_err().to_string();
        let known: Vec<_> = message.split('`').skip(3).step_by(2).collect();
        assert_eq!(explained, known, "{message}");
    }

    #[test]
    fn development_is_what_only_the_machine_itself_reaches() {
        let is_development = |public_url: &str| {
            let config = Config {
                public_url: Some(public_url.parse().unwrap()),
                ..Config::default()
            };
            config.is_development()
        };
        for here in [
            "http://localhost:8080",
            "https://id.localhost",
            "http://127.9.9.9",
            "http://[::1]:1/x",
        ] {
            assert!(is_development(here), "{here}");
        }
        for elsewhere in [
            "https://id.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "http://[::2]",
        ] {
            assert!(!is_development(elsewhere), "{elsewhere}");
        }
        assert!(Config::default().is_development());
        let everywhere = "0.0.0.0:8080".to_owned();
        assert!(
            !Config {
                listen: everywhere,
                ..Config::default()
            }
            .is_development()
        );
    }
}
