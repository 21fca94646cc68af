//! What can be permitted: a verb on a resource.

/// A permission as a type: an operation names it in its signature, and nothing else can open the
/// transaction the operation needs.
pub trait Permission: Send + Sync + 'static {
    /// Which one it is.
    const IS: &'static Known;
    /// [`Known::id`], with `public ` in front: how the document tells an operation without sign-in.
    const PUBLIC: &'static str;
}

/// One permission of the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    /// `resource:verb`, as in `users/permissions:get`.
    pub id: &'static str,
    /// The resource: the words of the path, `users` or `users/permissions`.
    pub resource: &'static str,
    /// `get`, `list`, `create`, `update`, `delete`, or a named one.
    pub verb: &'static str,
    /// Whether it only reads.
    pub reads: bool,
    /// What it permits, in words.
    pub summary: &'static str,
}

macro_rules! permissions {
    ($($name:ident = $resource:literal $verb:literal $mode:ident $summary:literal;)+) => {
        $(
            #[doc = $summary]
            #[derive(Debug)]
            pub struct $name;

            impl Permission for $name {
                const IS: &'static Known = &Known {
                    id: concat!($resource, ":", $verb),
                    resource: $resource,
                    verb: $verb,
                    reads: permissions!(@ $mode),
                    summary: $summary,
                };
                const PUBLIC: &'static str = concat!("public ", $resource, ":", $verb);
            }
        )+

        /// Every permission of the program.
        pub static ALL: &[&Known] = &[$($name::IS,)+];
    };
    (@ reads) => { true };
    (@ writes) => { false };
}

permissions! {
    TenantGet = "tenant" "get" reads "See the tenant's name";
    UsersList = "users" "list" reads "List users";
    UsersCreate = "users" "create" writes "Create users";
    UsersGet = "users" "get" reads "See a user";
    UsersPermissionsGet = "users/permissions" "get" reads "See a user's permissions";
    UsersEmailGet = "users/email" "get" reads "See a user's e-mail address";
    UsersEmailUpdate = "users/email" "update" writes "Ask for another e-mail address";
    UsersEmailVerify = "users/email" "verify" writes "Prove an e-mail address";
    UsersRegister = "users" "register" writes "Sign up";
    VerificationsCreate = "verifications" "create" writes "Ask for a code to an e-mail address";
    VerificationsVerify = "verifications" "verify" writes "Give a code back";
    SessionsCreate = "sessions" "create" writes "Sign in";
    SessionsRefresh = "sessions" "refresh" writes "Renew a session";
    SessionsEnd = "sessions" "end" writes "Sign out";
    MessagesList = "messages" "list" reads "List messages and their delivery";
    MessagesGet = "messages" "get" reads "Read a message";
}
