//! What becomes of each table of a tenant in its backups.

/// What becomes of the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are in a backup, and take the place of those that are there when it is restored.
    Carried,
    /// They are in a backup as well, and say what happened: a tenant that is there keeps its own.
    Recorded,
    /// They are in a backup, and come back only if that is asked for.
    Sessions,
    /// They are in no backup, and go when one is restored: they are worth nothing beside other rows.
    Dropped,
    /// They are in no backup, and stay as they are: they are about what goes on, and not about what there is.
    Kept,
}

/// Every table of a tenant. What others name comes before them.
pub const TENANT_TABLES: &[(&str, Fate)] = &[
    ("counter", Fate::Carried),
    ("setting", Fate::Carried),
    ("role", Fate::Carried),
    ("role_parent", Fate::Carried),
    ("user", Fate::Carried),
    ("user_role", Fate::Carried),
    ("user_word", Fate::Carried),
    ("user_label", Fate::Carried),
    ("user_network", Fate::Carried),
    ("email", Fate::Carried),
    ("avatar", Fate::Carried),
    ("signing_key", Fate::Recorded),
    ("application", Fate::Carried),
    ("application_access", Fate::Carried),
    ("application_auth", Fate::Carried),
    ("application_claim", Fate::Carried),
    ("application_grant", Fate::Carried),
    ("application_role", Fate::Carried),
    ("application_scope", Fate::Carried),
    ("application_secret", Fate::Carried),
    ("application_uri", Fate::Carried),
    ("resource_server", Fate::Carried),
    ("resource_scope", Fate::Carried),
    ("resource_server_secret", Fate::Carried),
    ("consent", Fate::Carried),
    ("revoked_token", Fate::Recorded),
    ("provider", Fate::Carried),
    ("provider_claim", Fate::Carried),
    ("provider_domain", Fate::Carried),
    ("provider_scope", Fate::Carried),
    ("provider_upstream", Fate::Carried),
    ("identity", Fate::Carried),
    ("sender", Fate::Carried),
    ("dkim_key", Fate::Carried),
    ("message_template", Fate::Carried),
    ("bounce_secret", Fate::Carried),
    ("address_health", Fate::Carried),
    ("stat", Fate::Carried),
    ("attachment_group", Fate::Carried),
    ("attachment", Fate::Carried),
    ("attachment_label", Fate::Carried),
    ("blob", Fate::Carried),
    ("session", Fate::Sessions),
    ("refresh_token", Fate::Sessions),
    ("job", Fate::Recorded),
    ("job_attempt", Fate::Recorded),
    ("message", Fate::Recorded),
    ("message_attempt", Fate::Recorded),
    ("audit_event", Fate::Recorded),
    ("verification", Fate::Dropped),
    ("authorization_code", Fate::Dropped),
    ("pending_identity", Fate::Dropped),
    ("logout_delivery", Fate::Dropped),
    ("idempotency", Fate::Kept),
    ("limit_count", Fate::Kept),
    ("used_jti", Fate::Kept),
    ("upload", Fate::Kept),
    ("blob_removal", Fate::Kept),
    ("backup", Fate::Kept),
];
