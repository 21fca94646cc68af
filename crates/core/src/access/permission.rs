//! Permissions: a verb on a resource.

/// A permission as a type: an operation names it in its signature, and nothing else can open the
/// transaction the operation needs.
pub trait Permission: Send + Sync + 'static {
    /// Which one it is.
    const DEF: &'static PermissionDef;
    /// [`PermissionDef::id`], with `public ` in front: how the document tells an operation without sign-in.
    const PUBLIC: &'static str;
    /// The same with `own ` in front: of an operation on what is the caller's own.
    const OWN: &'static str;
}

/// One permission of the program.
#[derive(Debug, PartialEq, Eq)]
pub struct PermissionDef {
    /// Where it is in [`ALL`].
    pub number: usize,
    /// `resource:verb`, as in `users/permissions:get`.
    pub id: &'static str,
    /// The resource: the words of the path, `users` or `users/permissions`.
    pub resource: &'static str,
    /// `get`, `list`, `create`, `update`, `delete`, or a named one.
    pub verb: &'static str,
    /// Whether it only reads.
    pub reads: bool,
    /// Whether an act is worth an event only if it changes something: it comes all the time, of itself.
    pub is_routine: bool,
    /// What it permits, in words.
    pub summary: &'static str,
}

impl PermissionDef {
    /// Whether an operation makes or mails something anew each time it is asked to, so that a client
    /// who got no answer needs a way to ask once more. Not sessions, tokens and codes: their
    /// answers are credentials, which are not kept.
    #[must_use]
    pub fn creates(&self) -> bool {
        match self.resource {
            "sessions" | "tokens" | "authorizations" => false,
            "users/email" => matches!(self.verb, "update" | "resend"),
            _ => matches!(self.verb, "create" | "register" | "reset" | "resend" | "invite"),
        }
    }
}

macro_rules! permissions {
    ($($name:ident = $resource:literal $verb:literal $mode:ident $summary:literal;)+) => {
        $(
            #[doc = $summary]
            #[derive(Debug)]
            pub struct $name;

            impl Permission for $name {
                const DEF: &'static PermissionDef = &PermissionDef {
                    number: Number::$name as usize,
                    id: concat!($resource, ":", $verb),
                    resource: $resource,
                    verb: $verb,
                    reads: matches!(Mode::$mode, Mode::reads),
                    is_routine: matches!(Mode::$mode, Mode::renews),
                    summary: $summary,
                };
                const PUBLIC: &'static str = concat!("public ", $resource, ":", $verb);
                const OWN: &'static str = concat!("own ", $resource, ":", $verb);
            }
        )+

        #[derive(Clone, Copy)]
        enum Number {
            $($name,)+
        }

        /// Every permission of the program.
        pub static ALL: &[&PermissionDef] = &[$($name::DEF,)+];
    };
}

/// What an operation of a permission does, as the table says it.
#[expect(non_camel_case_types, reason = "words of the table")]
enum Mode {
    reads,
    writes,
    renews,
}

permissions! {
    TenantGet = "tenant" "get" reads "See the tenant's name, and what it asks of people and shows them";
    UsersList = "users" "list" reads "List users";
    UsersCreate = "users" "create" writes "Create users";
    UsersGet = "users" "get" reads "See a user";
    UsersUpdate = "users" "update" writes "Change a user's profile";
    UsersDelete = "users" "delete" writes "Delete a user";
    UsersRename = "users" "rename" writes "Give a user another name";
    UsersNameUpdate = "users/name" "update" writes "Choose another name for oneself";
    UsersDataGet = "users/data" "get" writes "Take along all that is kept about oneself";
    UsersLeave = "users" "leave" writes "Delete one's own account";
    UsersDisable = "users" "disable" writes "Keep a user from signing in";
    UsersEnable = "users" "enable" writes "Let a user sign in again";
    UsersUnlock = "users" "unlock" writes "Let a user try to sign in at once";
    UsersSignInGet = "users/sign-in" "get" reads "See whether a user can sign in, and why not";
    UsersAvatarUpdate = "users/avatar" "update" writes "Set a user's picture";
    UsersAvatarDelete = "users/avatar" "delete" writes "Remove a user's picture";
    UsersPasswordUpdate = "users/password" "update" writes "Set a user's password";
    UsersPasswordReset = "users/password" "reset" writes "Mail a user the means to choose another password";
    UsersPermissionsGet = "users/permissions" "get" reads "See a user's permissions";
    UsersPermissionsCreate = "users/permissions" "create" writes "Give and take a user's roles";
    UsersSessionsList = "users/sessions" "list" reads "List a user's sessions";
    UsersSessionsDelete = "users/sessions" "delete" writes "End a user's sessions";
    UsersApplicationsList = "users/applications" "list" reads "List the applications that a user signed in to";
    UsersApplicationsDelete = "users/applications" "delete" writes "End what an application may do for a user";
    UsersApplicationsPreview = "users/applications" "preview" reads "See what an application would be told of a user";
    UsersIdentitiesList = "users/identities" "list" reads "List the accounts elsewhere that a user signs in with";
    UsersIdentitiesDelete = "users/identities" "delete" writes "Remove an account elsewhere that a user signs in with";
    UsersChangesList = "users/changes" "list" reads "List what was done to a user's account";
    UsersEmailGet = "users/email" "get" reads "See a user's e-mail address";
    UsersEmailUpdate = "users/email" "update" writes "Ask for another e-mail address";
    UsersEmailVerify = "users/email" "verify" writes "Prove an e-mail address";
    UsersEmailOverride = "users/email" "override" writes "Set a user's e-mail address without their proof";
    UsersEmailResend = "users/email" "resend" writes "Mail a user a code for their address";
    UsersRegister = "users" "register" writes "Sign up";
    UserImportsList = "user-imports" "list" reads "List imports of users";
    UserImportsGet = "user-imports" "get" reads "See an import of users, and the rows that it rejected";
    UserImportsCreate = "user-imports" "create" writes "Import users";
    UserImportsDelete = "user-imports" "delete" writes "Delete an import of users, or give it up";
    UserBatchesList = "user-batches" "list" reads "List acts on many users";
    UserBatchesGet = "user-batches" "get" reads "See an act on many users, and who it was refused for";
    UserBatchesCreate = "user-batches" "create" writes "Act on many users at once";
    UserBatchesCancel = "user-batches" "cancel" writes "Stop an act on many users";
    UserBatchesDelete = "user-batches" "delete" writes "Delete an act on many users, or give it up";
    UserExportsGet = "user-exports" "get" writes "Export users";
    UserExportsHashesGet = "user-exports/hashes" "get" writes "Export users with the hashes of their passwords";
    InvitationsList = "invitations" "list" reads "List open invitations";
    InvitationsCreate = "invitations" "create" writes "Invite people to sign up";
    InvitationsDelete = "invitations" "delete" writes "Withdraw invitations";
    AvatarsGet = "avatars" "get" reads "See a picture";
    RolesList = "roles" "list" reads "List roles";
    RolesGet = "roles" "get" reads "See a role";
    RolesCreate = "roles" "create" writes "Make roles";
    RolesUpdate = "roles" "update" writes "Change a role";
    RolesDelete = "roles" "delete" writes "Delete a role";
    PermissionsList = "permissions" "list" reads "List permissions and who has them";
    PermissionsExplain = "permissions" "explain" reads "See why a permission is given or denied";
    PermissionsSimulate = "permissions" "simulate" reads "See what a change of a role would change";
    PoliciesGet = "policies" "get" reads "See the tenant's policies";
    PoliciesUpdate = "policies" "update" writes "Change the tenant's policies";
    PoliciesConfigsGet = "policies/configs" "get" reads "See the members of a policy, as Halo has them";
    PoliciesConfigsUpdate = "policies/configs" "update" writes "Change the members of a policy, as Halo has them";
    SystemconfigsGet = "systemconfigs" "get" reads "See groups of settings";
    SystemconfigsUpdate = "systemconfigs" "update" writes "Change groups of settings";
    StatsGet = "stats" "get" reads "See how many users there are";
    StatsOverviewGet = "stats/overview" "get" reads "See what there is and what happened, in numbers";
    SigningKeysList = "signing-keys" "list" reads "List the keys that tokens are signed with";
    SigningKeysRotate = "signing-keys" "rotate" writes "Rotate the keys that tokens are signed with";
    AuditEventsList = "audit-events" "list" reads "List what was done and denied";
    AuditEventsVerify = "audit-events" "verify" reads "Check the audit trail for changes";
    VerificationsCreate = "verifications" "create" writes "Ask for a code to an e-mail address";
    VerificationsVerify = "verifications" "verify" writes "Give a code back";
    PasswordsReset = "passwords" "reset" writes "Choose another password by mail";
    IdentityResolve = "identity" "resolve" reads "Ask who is signed in, for a gateway";
    SessionsCreate = "sessions" "create" writes "Sign in";
    SessionsRefresh = "sessions" "refresh" renews "Renew a session";
    SessionsEnd = "sessions" "end" writes "Sign out";
    TokensCreate = "tokens" "create" renews "Get tokens, as an application";
    TokensIntrospect = "tokens" "introspect" reads "Ask what a token is worth, as an application or an API";
    TokensRevoke = "tokens" "revoke" renews "Give a token back, as an application";
    AuthorizationsCreate = "authorizations" "create" writes "Let an application sign somebody in";
    UserinfoGet = "userinfo" "get" reads "See claims about whoever signed in to an application";
    MessagesList = "messages" "list" reads "List messages and their delivery";
    MessagesGet = "messages" "get" reads "Read a message";
    MessagesResend = "messages" "resend" writes "Send a message again";
    MessagesCancel = "messages" "cancel" writes "Keep a message from being sent";
    MessageTemplatesList = "message-templates" "list" reads "List the texts of messages";
    MessageTemplatesGet = "message-templates" "get" reads "See the text of messages, and how one would look";
    MessageTemplatesUpdate = "message-templates" "update" writes "Change the text of messages";
    MessageTemplatesDelete = "message-templates" "delete" writes "Put the text of messages back to the default";
    MessageTemplatesTest = "message-templates" "test" writes "Send oneself a message as a template has it";
    NotifiersSenderConfigGet = "notifiers/sender-config" "get" reads "See how mail leaves, as Halo has it";
    NotifiersSenderConfigUpdate = "notifiers/sender-config" "update" writes "Change how mail leaves, as Halo has it";
    NotifiersVerify = "notifiers" "verify" writes "Try a relay before it is kept, with a mail to oneself";
    NotifiersBounceSecretGet = "notifiers/bounce-secret" "get" reads "See whether bounces can be reported";
    NotifiersBounceSecretCreate = "notifiers/bounce-secret" "create" writes "Make the secret that reports of bounces are signed by";
    NotifiersBounceSecretDelete = "notifiers/bounce-secret" "delete" writes "Take no reports of bounces any more";
    BouncesCreate = "bounces" "create" renews "Report bounces, signed by the secret for that";
    SendersList = "senders" "list" reads "List senders";
    SendersGet = "senders" "get" reads "See a sender";
    SendersCreate = "senders" "create" writes "Make senders";
    SendersUpdate = "senders" "update" writes "Change senders, their order and their state";
    SendersDelete = "senders" "delete" writes "Delete a sender";
    SendersVerify = "senders" "verify" writes "Try a sender with a mail to oneself";
    SendersDkimKeysCreate = "senders/dkim-keys" "create" writes "Make keys that the mail of a sender is signed by";
    SendersDkimKeysDelete = "senders/dkim-keys" "delete" writes "Delete a key that the mail of a sender is signed by";
    SendersDkimKeysCheck = "senders/dkim-keys" "check" writes "Look for the record of a key, so that it signs";
    ApplicationsList = "applications" "list" reads "List applications";
    ApplicationsGet = "applications" "get" reads "See an application";
    ApplicationsCreate = "applications" "create" writes "Make applications";
    ApplicationsUpdate = "applications" "update" writes "Change, disable and enable an application";
    ApplicationsDelete = "applications" "delete" writes "Delete an application";
    ApplicationsSecretsCreate = "applications/secrets" "create" writes "Make a secret of an application";
    ApplicationsSecretsDelete = "applications/secrets" "delete" writes "Delete a secret of an application";
    ResourceServersList = "resource-servers" "list" reads "List APIs";
    ResourceServersGet = "resource-servers" "get" reads "See an API";
    ResourceServersCreate = "resource-servers" "create" writes "Register an API";
    ResourceServersUpdate = "resource-servers" "update" writes "Change an API and its scopes";
    ResourceServersDelete = "resource-servers" "delete" writes "Delete an API";
    ResourceServersSecretsCreate = "resource-servers/secrets" "create" writes "Make a secret of an API";
    ResourceServersSecretsDelete = "resource-servers/secrets" "delete" writes "Delete a secret of an API";
    AuthProvidersList = "auth-providers" "list" reads "List the ways to sign in";
    AuthProvidersEnable = "auth-providers" "enable" writes "Let people sign in through a provider";
    AuthProvidersDisable = "auth-providers" "disable" writes "Keep people from signing in through a provider";
    AuthProviderConfigsList = "auth-provider-configs" "list" reads "List providers of sign-in";
    AuthProviderConfigsGet = "auth-provider-configs" "get" reads "See a provider of sign-in";
    AuthProviderConfigsCreate = "auth-provider-configs" "create" writes "Set up providers of sign-in";
    AuthProviderConfigsUpdate = "auth-provider-configs" "update" writes "Change a provider of sign-in";
    AuthProviderConfigsTest = "auth-provider-configs" "test" writes "Try a provider of sign-in";
    AuthProviderConfigsDelete = "auth-provider-configs" "delete" writes "Delete a provider of sign-in";
    AttachmentsList = "attachments" "list" reads "List files";
    AttachmentsGet = "attachments" "get" reads "See what is known of a file";
    AttachmentsCreate = "attachments" "create" writes "Upload files";
    AttachmentsFetch = "attachments" "fetch" writes "Have the server fetch files from elsewhere";
    AttachmentsUpdate = "attachments" "update" writes "Change what is known of a file, and who may see it";
    AttachmentsDelete = "attachments" "delete" writes "Delete a file";
    AttachmentsContentGet = "attachments/content" "get" reads "See a file itself";
    AttachmentGroupsList = "attachment-groups" "list" reads "List groups of files";
    AttachmentGroupsCreate = "attachment-groups" "create" writes "Make groups of files";
    AttachmentGroupsDelete = "attachment-groups" "delete" writes "Delete a group of files";
    FilesGet = "files" "get" reads "See a public file";
    BackupsList = "backups" "list" reads "List backups and their files";
    BackupsGet = "backups" "get" reads "See a backup";
    BackupsCreate = "backups" "create" writes "Make backups";
    BackupsDelete = "backups" "delete" writes "Delete a backup";
    BackupsFilesGet = "backups/files" "get" writes "Download a backup, by whoever may do everything";
    RestorationsList = "restorations" "list" reads "List restores";
    RestorationsGet = "restorations" "get" reads "See a restore";
    RestorationsCreate = "restorations" "create" writes "Restore a backup, by whoever may do everything";
    RestorationsUndo = "restorations" "undo" writes "Undo a restore, by whoever may do everything";
    QuotasGet = "quotas" "get" reads "See what the tenant may have at most, and has";
    DomainsList = "domains" "list" reads "List the tenant's domains";
    DomainsGet = "domains" "get" reads "See a domain, and the record that proves it";
    DomainsCreate = "domains" "create" writes "Claim domains for the tenant";
    DomainsVerify = "domains" "verify" writes "Look for the record that proves a domain";
    DomainsMakeCanonical = "domains" "make-canonical" writes "Choose the domain that the tenant's addresses begin with";
    DomainsDelete = "domains" "delete" writes "Give a domain up";
    TenantsList = "tenants" "list" reads "List tenants, in the default tenant";
    TenantsGet = "tenants" "get" reads "See a tenant, in the default tenant";
    TenantsCreate = "tenants" "create" writes "Found tenants, in the default tenant";
    TenantsUpdate = "tenants" "update" writes "Change what a tenant is called, in the default tenant";
    TenantsInvite = "tenants" "invite" writes "Invite the owner of a tenant that has none yet, in the default tenant";
    TenantsSuspend = "tenants" "suspend" writes "Suspend a tenant, in the default tenant";
    TenantsResume = "tenants" "resume" writes "Let a suspended tenant answer again, in the default tenant";
    TenantsDelete = "tenants" "delete" writes "Delete a tenant, in the default tenant";
    TenantsUndelete = "tenants" "undelete" writes "Keep a tenant that is to be deleted, in the default tenant";
    TenantsQuotasUpdate = "tenants/quotas" "update" writes "Change what a tenant may have at most, in the default tenant";
    TenantsDomainsList = "tenants/domains" "list" reads "List the domains of all tenants, in the default tenant";
    TenantsDomainsRelease = "tenants/domains" "release" writes "Take a domain from a tenant, in the default tenant";
    SettingsList = "settings" "list" reads "List what the instance decides for all tenants, in the default tenant";
    SettingsGet = "settings" "get" reads "See what the instance decides for all tenants, in the default tenant";
    SettingsUpdate = "settings" "update" writes "Decide for all tenants, in the default tenant";
    SettingsDelete = "settings" "delete" writes "Put back what the instance decided, in the default tenant";
}

/// What a user who must choose another password first may still do to their own objects.
pub static TO_CHANGE_PASSWORD: &[&PermissionDef] = &[
    UsersGet::DEF,
    UsersPermissionsGet::DEF,
    UsersPasswordUpdate::DEF,
    SessionsEnd::DEF,
];

/// The permission of this resource and verb.
#[must_use]
pub fn find(resource: &str, verb: &str) -> Option<&'static PermissionDef> {
    let mut all = ALL.iter().copied();
    all.find(|known| known.resource == resource && known.verb == verb)
}
