# Constants that different ways out of a part take along to where they meet others: v0 as null on one, v1 as an int
# on the other.
# says: null,5,z,7,
.class public LExits;
.super Ljava/lang/Object;

.method public static run(Ljava/lang/StringBuilder;)V
    .registers 3
    const/4 v0, 0x0
    const/4 v1, 0x1
    invoke-static {p0, v0, v0}, LExits;->one(Ljava/lang/StringBuilder;II)V
    invoke-static {p0, v1, v0}, LExits;->one(Ljava/lang/StringBuilder;II)V
    invoke-static {p0, v0, v1}, LExits;->one(Ljava/lang/StringBuilder;II)V
    invoke-static {p0, v1, v1}, LExits;->one(Ljava/lang/StringBuilder;II)V
    return-void
.end method

.method static one(Ljava/lang/StringBuilder;II)V
    .registers 6
    const/4 v0, 0x0
    const/4 v1, 0x5
    if-nez p1, :number
    if-eqz p2, :object
    const-string v0, "z"
    :object
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(Ljava/lang/Object;)Ljava/lang/StringBuilder;
    goto :comma
    :number
    if-eqz p2, :five
    const/4 v1, 0x7
    :five
    invoke-virtual {p0, v1}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    :comma
    const/16 v2, 0x2c
    invoke-virtual {p0, v2}, Ljava/lang/StringBuilder;->append(C)Ljava/lang/StringBuilder;
    return-void
.end method
