//! A list of child names in one allocation: a node may have a million children,
//! and a million small strings would cost more than the listing itself.

use super::jute::{Decode, DecodeError, Encode, Reader, lenient_utf8, put_len, put_string};

/// Child names, kept end to end in one buffer.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    /// How many names there are.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The name at `index`, in the order held.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = match index.checked_sub(1) {
            Some(previous) => self.ends[previous] as usize,
            None => 0,
        };
        self.text.get(start..end)
    }

    /// All names in the order held (servers send them unsorted).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    /// Adds a name at the end.
    pub fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// The same names sorted by their bytes, still in one buffer.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut order: Vec<&str> = self.iter().collect();
        order.sort_unstable();
        let mut sorted = Self {
            text: String::with_capacity(self.text.len()),
            ends: Vec::with_capacity(self.ends.len()),
        };
        for name in order {
            sorted.push(name);
        }
        sorted
    }
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<S: AsRef<str>> FromIterator<S> for Names {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut all = Self::default();
        for name in names {
            all.push(name.as_ref());
        }
        all
    }
}

impl Encode for Names {
    fn encode(&self, out: &mut Vec<u8>) {
        put_len(out, self.len());
        for name in self.iter() {
            put_string(out, name);
        }
    }
}

impl Decode<'_> for Names {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = reader.count(4, "children")?;
        // Reserved to the byte: what else the frame holds is not this list's to keep.
        let mut ahead = reader.clone();
        let mut length = 0;
        for _ in 0..count {
            length += ahead.buffer("child name")?.map_or(0, <[u8]>::len);
        }
        let mut bytes = Vec::with_capacity(length);
        let mut ends = Vec::with_capacity(count);
        let mut names = reader.clone();
        for _ in 0..count {
            bytes.extend_from_slice(names.buffer("child name")?.unwrap_or_default());
            ends.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        }
        // Nearly always all of them are text: one look at the whole finds that out.
        if let Ok(text) = String::from_utf8(bytes)
            && ends.iter().all(|&end| text.is_char_boundary(end as usize))
        {
            *reader = names;
            return Ok(Self { text, ends });
        }
        let names = (0..count).map(|_| {
            let name = reader.buffer("child name")?;
            Ok(lenient_utf8(name.unwrap_or_default()))
        });
        names.collect()
    }
}

/// Reads past a list of names.
pub(crate) fn skip_names(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    for _ in 0..reader.count(4, "children")? {
        reader.buffer("child name")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_wire_and_sort() {
        let names: Names = ["b", "", "a", "한글"].into_iter().collect();
        let bytes = names.to_bytes();
        let back = Names::decode(&mut Reader::new(&bytes)).expect("own encoding");
        assert_eq!(back, names);
        let sorted = names.sorted();
        assert_eq!(sorted.iter().collect::<Vec<_>>(), ["", "a", "b", "한글"]);
        assert_eq!(names.get(4), None);
        assert_eq!(skip_names(&mut Reader::new(&bytes)), Ok(()));
    }

    #[test]
    fn what_is_no_text_by_itself_is_none_with_its_neighbour_either() {
        let halves = "é".as_bytes().split_at(1);
        let mut bytes = 3i32.to_be_bytes().to_vec();
        for name in [halves.0, halves.1, b"x"] {
            crate::proto::jute::put_buffer(&mut bytes, Some(name));
        }
        bytes.push(7);
        let mut reader = Reader::new(&bytes);
        let names = Names::decode(&mut reader).expect("names");
        assert_eq!(
            names.iter().collect::<Vec<_>>(),
            ["\u{fffd}", "\u{fffd}", "x"]
        );
        assert_eq!(reader.rest(), [7]);
    }
}
