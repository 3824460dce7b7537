//! Enums that index a table: the variants and the rows are one list, so neither can be forgotten.

/// Makes an enum, and the table of what is known of each variant. A row says what is particular to
/// it; the rest is its type's `USUAL`.
macro_rules! table {
    (
        $(#[$about_key:meta])* enum $key:ident;
        $(#[$about_table:meta])* static $table:ident: [$row:ident; $count:literal];
        $($variant:ident { name: $name:literal $(, $member:ident: $value:expr)* $(,)? })+
    ) => {
        $(#[$about_key])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $key { $($variant),+ }

        $(#[$about_table])*
        #[allow(clippy::needless_update, reason = "a row may say all there is")]
        pub static $table: [$row; $count] = [$($row { name: $name, $($member: $value,)* ..$row::USUAL }),+];

        impl $key {
            /// Every variant, in the order of the table.
            pub const ALL: [$key; $count] = [$($key::$variant),+];

            /// What the table says about it.
            pub const fn row(self) -> &'static $row {
                &$table[self as usize]
            }

            /// The name of the member in JSON.
            pub const fn name(self) -> &'static str {
                self.row().name
            }

            /// Looks one up by its exact name.
            #[inline]
            pub fn find(name: impl AsRef<[u8]>) -> Option<$key> {
                match name.as_ref() {
                    $(name if name == $name.as_bytes() => Some($key::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(super) use table;
