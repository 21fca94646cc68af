//! The tenant of a request, and where people reach it.

use crate::kit::{id::TenantId, mail::TENANT_KEY};
use std::sync::Arc;

/// The tenant that exists from the first start, and answers where no other is named.
pub const DEFAULT: &str = "default";

/// A tenant that answers. Cheap to clone: each request has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its stable handle.
    pub name: Arc<str>,
    /// What people call it.
    pub display_name: Arc<str>,
    /// What its bounces are told by.
    pub bounce_key: [u8; TENANT_KEY],
    /// The domain of its own that its addresses begin with, if it has chosen one.
    pub domain: Option<Arc<str>>,
    /// The domain that they began with before.
    pub former_domain: Option<Arc<str>>,
    /// How many requests it may get.
    pub rate: Option<Rate>,
}

/// How many requests a tenant may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In a second.
    pub per_second: u32,
    /// At once.
    pub burst: u32,
}

impl Tenant {
    /// Whether it is the one that answers where no other is named.
    #[must_use]
    pub fn is_default(&self) -> bool {
        &*self.name == DEFAULT
    }

    /// The part of a path that names the tenant; empty for the default one, and for one with a domain of its own.
    #[must_use]
    pub fn path(&self) -> String {
        match self.domain {
            Some(_) => String::new(),
            None => self.path_of_instance(),
        }
    }

    /// The part of a path that names the tenant at the instance's address.
    fn path_of_instance(&self) -> String {
        match self.is_default() {
            true => String::new(),
            false => format!("/t/{}", self.name),
        }
    }
}

/// Where people reach the server.
#[derive(Clone, Debug)]
pub struct Urls {
    base: String,
    host: String,
}

impl Urls {
    /// Of a server at this origin, without a slash at its end, and its host.
    #[must_use]
    pub fn new(base: String, host: String) -> Self {
        Self { base, host }
    }

    /// The host people reach the server at.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The origin people reach the server at.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether people reach the server by https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.base.starts_with("https:")
    }

    /// The origin at which people reach this domain: with the scheme and the port of the instance's own.
    #[must_use]
    pub fn at(&self, domain: &str) -> String {
        self.base.replacen(&self.host, domain, 1)
    }

    /// The origin of the tenant's pages.
    #[must_use]
    pub fn origin(&self, tenant: &Tenant) -> String {
        match &tenant.domain {
            Some(domain) => self.at(domain),
            None => self.base.clone(),
        }
    }

    /// The base of the tenant's API, console and pages, and the issuer of its tokens.
    #[must_use]
    pub fn of(&self, tenant: &Tenant) -> String {
        format!("{}{}", self.origin(tenant), tenant.path())
    }

    /// The bases that the tenant had before, and that its tokens may still name.
    #[must_use]
    pub fn former(&self, tenant: &Tenant) -> Vec<String> {
        let of_instance = tenant
            .domain
            .as_ref()
            .map(|_| format!("{}{}", self.base, tenant.path_of_instance()));
        let former = tenant.former_domain.as_ref().map(|domain| self.at(domain));
        of_instance.into_iter().chain(former).collect()
    }

    /// The name of the tenant's session cookie. Tenants that share an origin do not share it.
    #[must_use]
    pub fn cookie_name(&self, tenant: &Tenant) -> String {
        let prefix = if self.is_secure() { "__Host-" } else { "" };
        format!("{prefix}tenantry-{}", tenant.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_domain_of_the_tenant_and_the_rest_of_the_instances() {
        let urls = Urls::new("https://id.example:8443".to_owned(), "id.example".to_owned());
        let acme = Tenant {
            id: TenantId(uuid::Uuid::nil()),
            name: "acme".into(),
            display_name: "Acme".into(),
            bounce_key: [0; TENANT_KEY],
            domain: None,
            former_domain: None,
            rate: None,
        };
        assert_eq!(urls.of(&acme), "https://id.example:8443/t/acme");
        assert_eq!(urls.former(&acme), [""; 0]);
        let moved = Tenant {
            domain: Some("login.acme.test".into()),
            former_domain: Some("old.acme.test".into()),
            ..acme
        };
        assert_eq!(urls.of(&moved), "https://login.acme.test:8443");
        let former = ["https://id.example:8443/t/acme", "https://old.acme.test:8443"];
        assert_eq!(urls.former(&moved), former);
    }
}
