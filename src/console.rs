//! The path and the tags that all operations of the console group share.

use poem_openapi::Tags;

/// The path of the console group.
pub const BASE: &str = "/apis/console/v1alpha1";

/// What an operation is about.
#[derive(Tags)]
pub enum Tag {
    /// The people of the tenant.
    Users,
    /// What users may do.
    Roles,
    /// Why somebody may do something, or may not.
    Permissions,
    /// Signing in and out.
    Sessions,
    /// Applications and APIs.
    Applications,
    /// Files that the tenant keeps.
    Attachments,
    /// The whole tenant in a file.
    Backups,
    /// What was done and what was denied.
    Audit,
    /// What the tenant decides for itself.
    Policies,
    /// The keys that tokens are signed with.
    Keys,
    /// Mail: its delivery, and the built-in mailbox.
    Messages,
    /// The relays that mail leaves by.
    Senders,
    /// The tenant itself.
    Tenant,
    /// The domains that the tenant is reached by.
    Domains,
    /// The caller's own account.
    Account,
    /// Codes sent by e-mail.
    Email,
}
