# A constructor whose loop lies before the call that makes its receiver, and one that may throw before that.
# says: 9,13,too small,
.class public LMade;
.super Ljava/lang/Object;

.field n:I

.method constructor <init>(I)V
    .registers 4
    const/4 v0, 0x0
    goto :make
    :again
    iget v1, p0, LMade;->n:I
    add-int/2addr v1, p1
    iput v1, p0, LMade;->n:I
    add-int/lit8 v0, v0, 0x1
    goto :loop
    :make
    invoke-direct {p0}, Ljava/lang/Object;-><init>()V
    const/4 v1, 0x1
    iput v1, p0, LMade;->n:I
    :loop
    const/4 v1, 0x3
    if-lt v0, v1, :again
    return-void
.end method

.method constructor <init>(II)V
    .registers 5
    if-ltz p1, :small
    invoke-direct {p0}, Ljava/lang/Object;-><init>()V
    add-int v0, p1, p2
    iput v0, p0, LMade;->n:I
    return-void
    :small
    new-instance v0, Ljava/lang/IllegalStateException;
    const-string v1, "too small"
    invoke-direct {v0, v1}, Ljava/lang/IllegalStateException;-><init>(Ljava/lang/String;)V
    throw v0
.end method

.method public static run(Ljava/lang/StringBuilder;)V
    .registers 2
    const/4 v0, 0x2
    invoke-static {p0, v0}, LMade;->one(Ljava/lang/StringBuilder;I)V
    const/4 v0, 0x3
    invoke-static {p0, v0}, LMade;->one(Ljava/lang/StringBuilder;I)V
    const/4 v0, -0x1
    invoke-static {p0, v0}, LMade;->one(Ljava/lang/StringBuilder;I)V
    return-void
.end method

.method static one(Ljava/lang/StringBuilder;I)V
    .registers 4
    :start
    new-instance v0, LMade;
    invoke-direct {v0, p1}, LMade;-><init>(I)V
    new-instance v1, LMade;
    iget v0, v0, LMade;->n:I
    invoke-direct {v1, p1, v0}, LMade;-><init>(II)V
    iget v0, v1, LMade;->n:I
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    goto :comma
    :stop
    .catch Ljava/lang/IllegalStateException; {:start .. :stop} :caught
    :caught
    move-exception v0
    invoke-virtual {v0}, Ljava/lang/IllegalStateException;->getMessage()Ljava/lang/String;
    move-result-object v0
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    :comma
    const/16 v0, 0x2c
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(C)Ljava/lang/StringBuilder;
    return-void
.end method
