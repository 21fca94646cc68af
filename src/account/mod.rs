//! Acts of people on an account, over several nouns. Make one, sign in, get back into it, change its
//! password and address.

pub mod address;
pub mod api;
mod attachment;
mod authorization;
mod backup;
mod captcha;
mod claims;
mod client;
mod content;
mod disable;
mod domain;
mod entry;
mod first_sign_in;
mod founding;
mod logout;
mod mail;
mod notification;
mod own_account;
mod own_data;
mod password;
mod picture;
mod policy;
mod preview;
pub mod provider;
mod recovery;
mod rename;
mod restoration;
mod restore;
mod sign_in;
mod sign_up;
mod support;
mod tenancy;
mod token;
mod undo_restoration;
mod usage;
mod user_batch;
mod user_export;
mod user_import;

pub use attachment::{Fetch, Size, check_policy, fetch, serve, upload};
pub use authorization::{
    Ask, Authorized, Did, Redeem, Renew, Renewable, Seen, Used, end_use, look_up_renewable, may_enter, needed, redeem,
    renew, subject, used_applications,
};
pub use backup::download_backup;
pub use claims::{Place, told};
pub use client::{ClientCredentials, authenticate_client};
pub use disable::set_disabled;
pub use domain::{Move, claim_domain, give_up_domain, move_tenant, release_domain, verify_domain};
pub use entry::{ENTRY_SECONDS, EntryRequest, Return, begin_entry, enter, entry_uri};
pub use first_sign_in::{SIGN_UP_SECONDS, SignUpTicket, begin_first};
pub use founding::{NewTenant, change_tenant, found_tenant, invite_owner, limit_tenant};
pub use logout::LogoutJob;
pub use mail::{
    Counted, DkimJob, Draft, Explanation, Finding, FindingCode, MailJob, ProbeJob, Shown, Trial, Tried, addressee,
    bounds_of, cancel_message, explain_delivery, preview_message, receive_bounces, resend_message, take_reports,
    test_template, try_out, try_sender,
};
pub use notification::{NotifyJob, WatchJob};
pub use own_account::{get_own, leave};
pub use own_data::{OwnData, acts_on_accounts, own_data};
pub use password::{NewHash, accept_password, change_password, hash_password, override_password};
pub use picture::{KeptPicture, keep_picture, picture};
pub use policy::{SignUp, SignUpMode};
pub use preview::{Preview, preview};
pub use recovery::{ask_reset, reset, reset_to, undo};
pub use rename::{rename, rename_own};
pub use restoration::{Restoration, local, restore};
pub use restore::{How, Restored, Restoring};
pub use sign_in::{
    Confirmed, Proven, access_token, begin_application, begin_browser, check_password, confirm_password,
};
pub use sign_up::{CodeFor, Newcomer, is_taken, send_code, sign_up};
pub use support::{Obstacle, SignInState, send_proof, send_reset, sign_in_state, unlock};
pub use tenancy::{DefaultQuotas, Tenancy};
pub use token::{authenticate_api, issue_for_itself, issue_for_person, keys_for, look_up, revoke, terms, verify};
pub use undo_restoration::undo_restoration;
pub use usage::usage;
pub use user_batch::{BatchJob, begin_batch};
pub use user_export::export_users;
pub use user_import::import_users;
