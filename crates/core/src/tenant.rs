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
}

impl Tenant {
    /// The part of a path that names the tenant; empty for the default one.
    #[must_use]
    pub fn path(&self) -> String {
        match &*self.name {
            DEFAULT => String::new(),
            name => format!("/t/{name}"),
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

    /// The base of the tenant's API, console and pages, and the issuer of its tokens.
    #[must_use]
    pub fn of(&self, tenant: &Tenant) -> String {
        format!("{}{}", self.base, tenant.path())
    }

    /// The name of the tenant's session cookie. Tenants that share an origin do not share it.
    #[must_use]
    pub fn cookie_name(&self, tenant: &Tenant) -> String {
        let prefix = if self.is_secure() { "__Host-" } else { "" };
        format!("{prefix}tenantry-{}", tenant.name)
    }
}
