//! What is particular to the makers, as data: a better preset is everybody's at once.

use super::kind::{EmailTrust, Kind};

/// The version of Facebook's Graph API. Each lives for about two years.
const GRAPH: &str = "v26.0";

/// What is known of a kind.
#[derive(Debug)]
pub(super) struct Preset {
    /// Where it is: the issuer, or the base of its pages.
    pub(super) base: Option<&'static str>,
    /// Its addresses, where no metadata tell them.
    pub(super) paths: Option<Paths>,
    pub(super) scopes: &'static [&'static str],
    /// What its word on addresses is worth, unless an administrator says otherwise.
    pub(super) email_trust: EmailTrust,
    /// The members that it takes besides a client id and a secret, and where it is.
    pub(super) needs: &'static [&'static str],
}

/// The addresses of a provider without metadata, below its base; those of its API below another one.
#[derive(Debug)]
pub(super) struct Paths {
    authorize: &'static str,
    token: (Host, &'static str),
    userinfo: &'static str,
    emails: Option<&'static str>,
    /// Where its API is, and where below a base that an administrator gives.
    api: (&'static str, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    Pages,
    Api,
}

/// Where a provider without metadata is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoints {
    pub(super) authorize: String,
    pub(super) token: String,
    pub(super) userinfo: String,
    /// Where it tells addresses, and which of them are proven.
    pub(super) emails: Option<String>,
}

impl Paths {
    /// Below this base, if it is not the maker's own.
    pub(super) fn below(&self, own: &str, given: Option<&str>) -> Endpoints {
        let (pages, api) = match given.map(|given| given.trim_end_matches('/')) {
            Some(given) => (given.to_owned(), format!("{given}{}", self.api.1)),
            None => (own.to_owned(), self.api.0.to_owned()),
        };
        let token = match self.token {
            (Host::Pages, path) => format!("{pages}{path}"),
            (Host::Api, path) => format!("{api}{path}"),
        };
        let filled = |path: &str| path.replace("{graph}", GRAPH);
        Endpoints {
            authorize: filled(&format!("{pages}{}", self.authorize)),
            token: filled(&token),
            userinfo: filled(&format!("{api}{}", self.userinfo)),
            emails: self.emails.map(|path| format!("{api}{path}")),
        }
    }
}

const PROFILE: &[&str] = &["openid", "profile", "email"];

static OIDC: Preset = Preset {
    base: None,
    paths: None,
    scopes: PROFILE,
    email_trust: EmailTrust::Never,
    needs: &["issuer"],
};
static GOOGLE: Preset = Preset {
    base: Some("https://accounts.google.com"),
    paths: None,
    scopes: PROFILE,
    email_trust: EmailTrust::Authoritative,
    needs: &[],
};
static MICROSOFT: Preset = Preset {
    base: Some("https://login.microsoftonline.com"),
    paths: None,
    scopes: PROFILE,
    email_trust: EmailTrust::Claim,
    needs: &["msTenant"],
};
static APPLE: Preset = Preset {
    base: Some("https://appleid.apple.com"),
    paths: None,
    scopes: &["openid", "name", "email"],
    email_trust: EmailTrust::Claim,
    needs: &["appleTeamId", "appleKeyId"],
};
static GITHUB: Preset = Preset {
    base: Some("https://github.com"),
    paths: Some(Paths {
        authorize: "/login/oauth/authorize",
        token: (Host::Pages, "/login/oauth/access_token"),
        userinfo: "/user",
        emails: Some("/user/emails"),
        api: ("https://api.github.com", "/api/v3"),
    }),
    scopes: &["read:user", "user:email"],
    email_trust: EmailTrust::Claim,
    needs: &[],
};
static FACEBOOK: Preset = Preset {
    base: Some("https://www.facebook.com"),
    paths: Some(Paths {
        authorize: "/{graph}/dialog/oauth",
        token: (Host::Api, "/{graph}/oauth/access_token"),
        userinfo: "/{graph}/me?fields=id,name,email",
        emails: None,
        api: ("https://graph.facebook.com", ""),
    }),
    scopes: &["public_profile", "email"],
    email_trust: EmailTrust::Never,
    needs: &[],
};
static OAUTH2: Preset = Preset {
    base: None,
    paths: None,
    scopes: &[],
    email_trust: EmailTrust::Never,
    needs: &["authorizeUrl", "tokenUrl", "userinfoUrl", "claims.sub"],
};

/// What is known of this kind.
pub(super) fn of(kind: Kind) -> &'static Preset {
    match kind {
        Kind::Oidc => &OIDC,
        Kind::Google => &GOOGLE,
        Kind::Microsoft => &MICROSOFT,
        Kind::Apple => &APPLE,
        Kind::Github => &GITHUB,
        Kind::Facebook => &FACEBOOK,
        Kind::Oauth2 => &OAUTH2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::clock::Clock;

    /// When the maker switches [`GRAPH`] off: about two years after it came.
    const GRAPH_ENDS: &str = "2028-06-01T00:00:00Z";

    #[test]
    fn the_version_of_facebook_lives_for_another_180_days() {
        let ends: chrono::DateTime<chrono::Utc> = GRAPH_ENDS.parse().unwrap();
        let left = ends - Clock::default().now();
        assert!(
            left > chrono::TimeDelta::days(180),
            "{GRAPH} ends in {} days",
            left.num_days()
        );
    }

    #[test]
    fn the_addresses_of_a_maker_are_its_own_or_below_the_base_that_is_given() {
        let paths = GITHUB.paths.as_ref().unwrap();
        let own = paths.below("https://github.com", None);
        assert_eq!(own.token, "https://github.com/login/oauth/access_token");
        assert_eq!(own.emails.unwrap(), "https://api.github.com/user/emails");
        let theirs = paths.below("https://github.com", Some("https://git.example/"));
        assert_eq!(theirs.userinfo, "https://git.example/api/v3/user");
        let paths = FACEBOOK.paths.as_ref().unwrap();
        let own = paths.below("https://www.facebook.com", None);
        assert_eq!(own.authorize, format!("https://www.facebook.com/{GRAPH}/dialog/oauth"));
        assert_eq!(
            own.userinfo,
            format!("https://graph.facebook.com/{GRAPH}/me?fields=id,name,email")
        );
    }
}
