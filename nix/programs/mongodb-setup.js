// What mongosh runs on the first server of a MongoDB database, for mongodb-setup.sh. SETTINGS (a variable) is JSON:
// { set, members, users }. A user without `roles` owns its database.
// Makes the members one replica set, and the users with the passwords in their files. A part that is done is left.
// Prevents that anyone on the host makes the first user, which MongoDB allows until there is one (its manual: localhost
// exception). The script makes itself the administrator, with a password that only root can read.
const fs = require("fs");
const { set, members, users } = JSON.parse(process.env.SETTINGS);
const file = process.env.STATE_DIRECTORY + "/admin.yaml";
const admin = db.getSiblingDB("admin");

const retry = (action) => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return action();
    } catch (error) {
      if (attempt >= 150) throw error;
      sleep(2000);
    }
  }
};
if (!fs.existsSync(file)) {
  const made = require("crypto").randomBytes(24).toString("base64url");
  fs.writeFileSync(file, "password: " + made + "\n");
}
const password = fs.readFileSync(file, "utf8").trim().slice("password: ".length);
const signIn = () => {
  try {
    admin.auth("cim", password);
    return true;
  } catch (error) {
    return false;
  }
};

const known = signIn();
if (set !== undefined) {
  try {
    rs.status();
  } catch (error) {
    if (error.codeName !== "NotYetInitialized") throw error;
    rs.initiate({ _id: set, members: [{ _id: 0, host: members[0], priority: 2 }] });
  }
  retry(() => {
    if (!db.hello().isWritablePrimary && !db.hello().primary) throw new Error("the replica set has no primary");
  });
  if (!db.hello().isWritablePrimary) {
    print("another member is the primary: it is left as it is");
    quit(0);
  }
}
if (!known) {
  admin.createUser({ user: "cim", pwd: password, roles: ["root"] });
  signIn();
}
if (set !== undefined) {
  const present = rs.conf().members.map(({ host }) => host);
  for (const host of present.filter((other) => !members.includes(other))) rs.remove(host);
  for (const host of members.filter((other) => !present.includes(other)))
    retry(() => rs.add({ host, priority: 1 }));
}
for (const { user, database, file: path, roles = [{ role: "dbOwner", db: database }] } of users) {
  if (!fs.existsSync(path)) continue;
  const owned = db.getSiblingDB(database);
  const account = { pwd: fs.readFileSync(path, "utf8").replace(/\n+$/, ""), roles };
  if (owned.getUser(user)) owned.updateUser(user, account);
  else owned.createUser({ user, ...account });
}
