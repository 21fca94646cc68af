//! Where the configuration comes from: a file, the environment, and files that hold one secret each.

use anyhow::{Context, bail, ensure};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Keys whose values are not shown, and may be in a file of their own: `<key>_file` names it.
pub const SECRETS: &[&str] = &[
    "database_url",
    "smtp_url",
    "master_key",
    "admin_password",
    "files_access_key_id",
    "files_secret_access_key",
];

/// Where each key comes from.
pub type Sources = BTreeMap<String, Source>;

/// The keys of one place, with their values.
pub(super) type Keys = BTreeMap<String, Given>;

/// The value of a key, and where it comes from.
pub(super) struct Given {
    pub(super) value: toml::Value,
    pub(super) source: Source,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The file of the configuration.
    File(PathBuf),
    /// This variable of the environment.
    Variable(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

impl Source {
    /// A key as the operator wrote it.
    pub(super) fn naming(&self, key: &str) -> String {
        match self {
            Self::File(_) => key.to_owned(),
            Self::Variable(name) => name.clone(),
        }
    }
}

/// The keys of a TOML file.
pub(super) fn of_file(file: &Path) -> anyhow::Result<Keys> {
    let table = std::fs::read_to_string(file)
        .with_context(|| format!("reading {}", file.display()))?
        .parse::<toml::Table>()
        .with_context(|| format!("{} is not TOML", file.display()))?;
    let given = |value| Given {
        value,
        source: Source::File(file.to_owned()),
    };
    with_secrets(table.into_iter().map(|(key, value)| (key, given(value))).collect())
}

/// The keys of `TENANTRY_*`. One that is empty is not set.
pub(super) fn of_environment(variables: impl Iterator<Item = (OsString, OsString)>) -> anyhow::Result<Keys> {
    let mut keys = Keys::new();
    for (name, value) in variables {
        // What has another name may be in any coding.
        let Some(name) = name.to_str().filter(|name| name.starts_with("TENANTRY_")) else {
            continue;
        };
        let Ok(value) = value.into_string() else {
            bail!("{name} is not in UTF-8");
        };
        // The other one speaks to the build, not to the server.
        if value.is_empty() || name == "TENANTRY_CONSOLE_DIST" || is_service_link(name, &value) {
            continue;
        }
        let key = name["TENANTRY_".len()..].to_ascii_lowercase();
        let value = typed(&key, value);
        let source = Source::Variable(name.to_owned());
        keys.insert(key, Given { value, source });
    }
    with_secrets(keys)
}

/// Whether Kubernetes set the variable: it does so in every container for every service, such as one
/// that is called `tenantry` or `tenantry-database`.
fn is_service_link(name: &str, value: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_protocol = |text: &str| matches!(text, "TCP" | "UDP" | "SCTP");
    let of_port = name.rsplit_once("_PORT_").is_some_and(|(_, rest)| {
        let (port, rest) = rest.split_once('_').unwrap_or((rest, ""));
        let (protocol, what) = rest.split_once('_').unwrap_or((rest, ""));
        is_number(port) && is_protocol(protocol) && matches!(what, "" | "PROTO" | "ADDR")
    });
    // `…_PORT_80_TCP_PORT` ends with what the others are cut at.
    let port_of_port = name.strip_suffix("_PORT").is_some_and(|rest| {
        let (rest, protocol) = rest.rsplit_once('_').unwrap_or((rest, ""));
        is_protocol(protocol) && rest.rsplit_once("_PORT_").is_some_and(|(_, port)| is_number(port))
    });
    let is_address = ["tcp://", "udp://", "sctp://"]
        .iter()
        .any(|kind| value.starts_with(kind));
    of_port
        || port_of_port
        || name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.ends_with("_PORT") && is_address
}

/// The environment has only text: lists are separated by commas, numbers are digits.
fn typed(key: &str, value: String) -> toml::Value {
    match key {
        "trusted_proxies" | "outbound_allow" | "dns_servers" => value
            .split(',')
            .map(|network| toml::Value::from(network.trim()))
            .filter(|network| network.as_str() != Some(""))
            .collect::<Vec<_>>()
            .into(),
        "smtp_ports" => value
            .split(',')
            .map(str::trim)
            .filter(|port| !port.is_empty())
            .map(|port| port.parse::<i64>().map_or(port.into(), toml::Value::from))
            .collect::<Vec<_>>()
            .into(),
        "mail_shared" | "grpc_reflection" => value.parse::<bool>().map_or(value.into(), Into::into),
        "open_tenants"
        | "mail_instance_per_day"
        | "tenant_file_limit"
        | "database_wait"
        | "database_connections"
        | "statement_timeout"
        | "connections"
        | "connections_per_address"
        | "head_wait"
        | "body_wait" => value.parse::<i64>().map_or(value.into(), Into::into),
        _ => value.into(),
    }
}

/// With the secrets read that are in files of their own.
fn with_secrets(mut keys: Keys) -> anyhow::Result<Keys> {
    for secret in SECRETS {
        let Some(Given { value, source }) = keys.remove(&format!("{secret}_file")) else {
            continue;
        };
        let named = source.naming(&format!("{secret}_file"));
        ensure!(!keys.contains_key(*secret), "set {named} or the key itself, not both");
        let file = value.as_str().with_context(|| format!("{named} is no path"))?;
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {file}, which {named} names"))?;
        let text = text.trim_end_matches(['\r', '\n']);
        ensure!(!text.is_empty(), "{file}, which {named} names, is empty");
        let value = text.into();
        keys.insert((*secret).to_owned(), Given { value, source });
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(variables: &[(&str, &str)]) -> anyhow::Result<Vec<String>> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Ok(of_environment(variables)?.into_keys().collect())
    }

    #[test]
    fn what_kubernetes_says_of_services_is_no_configuration() {
        let links = [
            ("TENANTRY_SERVICE_HOST", "10.0.0.11"),
            ("TENANTRY_SERVICE_PORT", "80"),
            ("TENANTRY_SERVICE_PORT_HTTP", "80"),
            ("TENANTRY_PORT", "tcp://10.0.0.11:80"),
            ("TENANTRY_PORT_80_TCP", "tcp://10.0.0.11:80"),
            ("TENANTRY_PORT_80_TCP_PROTO", "tcp"),
            ("TENANTRY_PORT_80_TCP_PORT", "80"),
            ("TENANTRY_PORT_80_TCP_ADDR", "10.0.0.11"),
            ("TENANTRY_DATABASE_PORT", "tcp://10.0.0.12:5432"),
            ("TENANTRY_DATABASE_PORT_5432_TCP_PORT", "5432"),
            ("TENANTRY_DATABASE_SERVICE_PORT_POSTGRES", "5432"),
        ];
        assert_eq!(keys(&links).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_looks_like_it_and_is_none_stays_to_be_refused() {
        for (name, key) in [
            ("TENANTRY_PORT", "port"),
            ("TENANTRY_PORT_HTTP", "port_http"),
            ("TENANTRY_LISTEN_PORT_X_TCP", "listen_port_x_tcp"),
        ] {
            assert_eq!(keys(&[(name, "8080")]).unwrap(), [key]);
        }
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let given = [("TENANTRY_SMTP_URL", ""), ("TENANTRY_LOG", "warn"), ("OTHER", "x")];
        assert_eq!(keys(&given).unwrap(), ["log"]);
    }
}
