# One cloud-config in, one action a line out. Fields are parted by the unit separator (0x1f), which
# cannot be part of any of them (see `field`).
#   hostname VALUE · user NAME HASH-OR-TEXT LOCKED SHELL GROUPS · key NAME KEY · note TEXT
def field: tostring | gsub("[\u0000-\u001f\u007f]"; "");
def line: map(field) | join("\u001f");
def safe: tostring | gsub("[^A-Za-z0-9._-]"; "?") | .[0:60]; # key names go to the console: no escapes, no floods
def words: if . == null then [] elif type == "array" then map(tostring) else tostring | split(",") | map(gsub("\\s"; "")) end;
def boot_stage: IN("rootfs", "initramfs", "fs", "boot", "network", "reconcile");

def user($name):
  ["user", $name, (.passwd // ""), (.lock_passwd == true), (.shell // ""),
   (((.groups | words) + (.primary_group | words)) | unique | join(","))],
  (.ssh_authorized_keys // [] | .[] | ["key", $name, .]);

def users:
  if type == "array" then .[] | select(type == "object" and .name != null) | user(.name | tostring)
  elif type == "object" then to_entries[] | .key as $name | (.value // {}) | user($name)
  else empty end;

def step($stage):
  if has("if") then ["note", "stages.\($stage | safe): a step with a condition (if) is not applied"]
  else
    (select(.hostname != null) | ["hostname", .hostname]),
    (.users // empty | users),
    (keys - ["name", "hostname", "users"] | select(length > 0)
     | ["note", "stages.\($stage | safe): not applied: \(map(safe) | join(", "))"])
  end;

def stage:
  .key as $stage | ($stage | sub("\\.(before|after)$"; "")) as $base
  | if ($base | boot_stage) then .value // [] | if type == "array" then .[] else empty end | select(type == "object") | step($stage)
    else ["note", "stages.\($stage | safe): not applied"] end;

if type != "object" then ["note", "is not a map, skipped"] | line
else
  (
    (select(.hostname != null) | ["hostname", .hostname]),
    (.users // empty | users),
    (.stages // {} | to_entries[] | stage),
    (keys - ["name", "hostname", "users", "stages"] | select(length > 0) | ["note", "not applied: \(map(safe) | join(", "))"])
  ) | line
end
