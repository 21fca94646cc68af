//! What the table of codes is made into.

/// Makes [`super::Code`] of the table.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:literal $code:literal $title:literal $detail:literal
        $chinese_title:literal $chinese_detail:literal;)+) => {
        /// The stable codes of problems. Append only: clients branch on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of their making.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The HTTP status it comes with.
            #[must_use]
            pub fn status(self) -> StatusCode {
                let status: u16 = match self { $(Self::$name => $status,)+ };
                StatusCode::from_u16(status).expect("the table has valid statuses")
            }

            /// A short summary that does not change from one occurrence to the next.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            /// Summary and detail in this language.
            #[must_use]
            pub fn words(self, language: Language) -> (&'static str, &'static str) {
                match language {
                    Language::English => (self.title(), self.detail()),
                    Language::Chinese => match self { $(Self::$name => ($chinese_title, $chinese_detail),)+ },
                }
            }

            /// What happened and what to do about it.
            #[must_use]
            pub fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)+ }
            }

            /// When it is answered: the documentation of the code.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc, "\n"),+),)+ }
            }
        }
    };
}
pub(super) use codes;
