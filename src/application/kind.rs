//! The words that settings of an application have: one form that is stored, documented and answered.

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

        impl $name {
            /// The word itself.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)+
                }
            }
        }
    };
}

words! {
    /// What an application is, which decides what it begins with.
    Preset as "ApplicationPreset" {
        /// A web application whose server keeps a secret.
        WebServer = "web-server",
        /// A web application that runs in the browser alone, and keeps no secret.
        SinglePage = "single-page",
        /// A desktop, mobile or command-line program, and an agent; keeps no secret.
        Native = "native",
        /// A program that calls APIs for itself, without a person.
        Machine = "machine",
        /// An API gateway or reverse proxy that signs people in for what is behind it.
        Gateway = "gateway",
        /// A name and a look for pages and mails; signs nobody in by OAuth.
        Label = "label",
    }
}

words! {
    /// Who made an application.
    Origin as "ApplicationOrigin" {
        /// The server; the same in every tenant.
        BuiltIn = "built-in",
        /// An administrator.
        Console = "console",
        /// The application itself (RFC 7591).
        Registration = "registration",
        /// A client ID metadata document.
        Document = "document",
    }
}

words! {
    /// How an application comes to tokens (RFC 6749 §1.3, RFC 8628, RFC 8693).
    Grant as "ApplicationGrant" {
        /// A person signs in at the authorization endpoint.
        AuthorizationCode = "authorization_code",
        /// It renews what it has.
        RefreshToken = "refresh_token",
        /// It acts for itself.
        ClientCredentials = "client_credentials",
        /// A person signs in on another device.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// It changes a token for another one.
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
    }
}

words! {
    /// How an application proves who it is (OpenID Connect Core §9).
    AuthMethod as "ApplicationAuthMethod" {
        /// It does not: it has no secret.
        None = "none",
        /// By HTTP Basic.
        Basic = "client_secret_basic",
        /// By members of the form.
        Post = "client_secret_post",
    }
}

words! {
    /// Whether a refresh token is replaced when it is used.
    Rotation as "RefreshRotation" {
        /// That of public applications is (RFC 9700 §4.14.2).
        Auto = "auto",
        /// It always is.
        Always = "always",
        /// It never is.
        Never = "never",
    }
}

words! {
    /// Whether all applications know a user by the same `sub` (OpenID Connect Core §8).
    SubjectType as "SubjectType" {
        /// They do.
        Public = "public",
        /// Each knows the user by one of its own.
        Pairwise = "pairwise",
    }
}

words! {
    /// The form of a claim that has several values.
    ClaimForm as "ClaimForm" {
        /// A list.
        Array = "array",
        /// One text, with commas.
        Text = "text",
    }
}

words! {
    /// What an address of an application is for.
    UriKind as "ApplicationUriKind" {
        /// Where people come back to when they have signed in.
        Redirect = "redirect",
        /// Where people come back to when they have signed out.
        PostLogout = "post-logout",
        /// Where a page that calls us comes from.
        Origin = "origin",
    }
}
