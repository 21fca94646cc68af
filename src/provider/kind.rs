//! The words that settings of a provider have: one form that is stored, documented and answered.

use poem_openapi::Enum;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident as $wire:literal { $($(#[$of:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize,
            Deserialize, Enum,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        #[oai(rename = $wire)]
        pub enum $name {
            $(
                $(#[$of])*
                #[sea_orm(string_value = $text)]
                #[serde(rename = $text)]
                #[oai(rename = $text)]
                $word,
            )+
        }
    };
}

words! {
    /// What a provider speaks.
    Kind as "ProviderKind" {
        /// OpenID Connect, as its issuer's metadata say.
        Oidc = "oidc",
        /// Google.
        Google = "google",
        /// Microsoft Entra ID and personal accounts of Microsoft.
        Microsoft = "microsoft",
        /// Apple.
        Apple = "apple",
        /// GitHub, or a GitHub Enterprise Server.
        Github = "github",
        /// Facebook.
        Facebook = "facebook",
        /// OAuth 2 alone: who somebody is is read from an address, as `claims` says.
        Oauth2 = "oauth2",
    }
}

words! {
    /// How the tenant proves to a provider who it is (OpenID Connect Core §9).
    AuthMethod as "ProviderAuthMethod" {
        /// By its secret in the form.
        Post = "post",
        /// By its secret in HTTP Basic.
        Basic = "basic",
        /// By a token that it signs for each request (`private_key_jwt`, RFC 7523): the secret is a key of P-256.
        PrivateKey = "private_key",
        /// Not at all.
        None = "none",
    }
}

words! {
    /// Whether accounts are made through a provider.
    SignUp as "ProviderSignUp" {
        /// Never.
        Never = "never",
        /// As the tenant's policy for signing up has it.
        Policy = "policy",
    }
}

words! {
    /// How an identity comes to an account that is there with the same address.
    Link as "ProviderLink" {
        /// Only by who is signed in to the account.
        Never = "never",
        /// After they sign in to the account by its own means.
        Ask = "ask",
        /// After they give back a code that is mailed to the account's address.
        Confirm = "confirm",
        /// At once, where the provider's word on the address decides; else after a code. Who runs the provider can
        /// then sign in as anybody who may do no more than look after their own account.
        Automatic = "automatic",
    }
}

words! {
    /// What a provider's word on an address is worth.
    EmailTrust as "ProviderEmailTrust" {
        /// Nothing: people prove their address by a code.
        Never = "never",
        /// Addresses of the domains that it calls verified are.
        Claim = "claim",
        /// The same, and it alone gives out addresses of these domains.
        Authoritative = "authoritative",
    }
}

words! {
    /// How an identity came to its account.
    LinkedBy as "IdentityLinkedBy" {
        /// The account was made through it.
        SignUp = "sign-up",
        /// Its owner linked it.
        Link = "link",
    }
}
