//! Tenantry gives many tenants their users, sign-in, e-mail verification and permissions.
//!
//! The map: a noun is a folder with the same three files (`mod.rs` the rules, `entity.rs` the
//! row, `api.rs` the wire); acts over several nouns are in [`account`], machinery is in [`kit`], a foreign
//! wire format is in [`groups`]. `ARCHITECTURE.md` has the floors.
//! The one rule: the only way to a transaction is to name a permission ([`extract`]).

pub use tenantry_core::{access, context, idempotency, job, kit};

/// Making an account, and getting back into it.
pub mod account;
/// Addresses that relays refuse for good.
pub mod address_health;
/// The program, built once.
pub mod app;
/// Applications, and how they prove who they are.
pub mod application;
/// Files that a tenant keeps.
pub mod attachment;
/// What was done, by whom, and what was denied.
pub mod audit;
/// What people let applications do.
pub mod authorization;
/// The whole tenant in a file.
pub mod backup;
/// What mail servers say of messages after they took them.
pub mod bounce;
/// Whether a person sent the request.
pub mod captcha;
/// The command line.
pub mod cli;
/// Defaults, file, environment.
pub mod config;
/// The path and the tags of the console group.
pub mod console;
/// What a tenant keeps in the store.
pub mod content;
/// Domains of a tenant's own.
pub mod domain;
/// Addresses of users.
pub mod email;
/// Who sends a request, and whether they may.
pub mod extract;
/// The resource groups and their documents.
pub mod groups;
/// What operators do to the tenants of the instance.
pub mod instance;
/// What programs beside the server ask.
pub mod internal;
/// Invitations to sign up.
pub mod invitation;
/// The keys that tenants sign tokens with.
pub mod key;
/// How often things may be tried.
pub mod limit;
/// The pages people sign in, sign up and recover their account on.
pub mod login;
/// Messages to people, and their delivery.
pub mod message;
pub mod message_template;
/// Who is told of what happens to a tenant.
pub mod notification;
/// How mail leaves, as Halo has it.
pub mod notifier;
/// The protocol of an authorization server: OAuth 2 and `OpenID` Connect.
pub mod oidc;
/// Password hashing.
pub mod password;
/// What users may do, and why.
pub mod permission;
/// Providers that people sign in through.
pub mod provider;
/// What a tenant may have at most.
pub mod quota;
mod ready;
/// APIs that trust the tenant's tokens.
pub mod resource_server;
/// Roles a tenant makes.
pub mod role;
/// Relays of a tenant's own, that its mail leaves by.
pub mod sender;
/// What is built once.
pub mod server;
/// Signing in, staying signed in, signing out.
pub mod session;
/// What a tenant decides for itself.
pub mod setting;
/// What there is and what happened, in numbers.
pub mod stats;
/// Settings in groups, as Halo has them.
pub mod system_config;
/// Tenants and their keys.
pub mod tenant;
/// Access tokens of applications.
pub mod token;
/// People who can sign in.
pub mod user;
/// Acts on many users.
pub mod user_batch;
/// Users on their way out.
pub mod user_export;
/// Users of files.
pub mod user_import;
/// Codes sent by mail.
pub mod verification;
/// The jobs of the program.
pub mod worker;
