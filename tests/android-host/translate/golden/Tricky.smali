# One method for each thing that is easily got wrong; Tricky.txt is what becomes of it.
.class public LTricky;
.super Ljava/lang/Object;

# Only what may throw is in a range; the handler sees v0 as it was before.
.method static tries(Ljava/lang/Object;)I
    .registers 4
    const/4 v0, 0x1
    :start
    const/4 v1, 0x2
    invoke-virtual {p0}, Ljava/lang/Object;->hashCode()I
    move-result v0
    add-int/2addr v0, v1
    invoke-virtual {p0}, Ljava/lang/Object;->notify()V
    :end
    .catch Ljava/lang/NullPointerException; {:start .. :end} :null
    .catchall {:start .. :end} :any
    return v0
    :null
    move-exception v1
    return v0
    :any
    const/4 v0, -0x1
    return v0
.end method

# A long in v0 and v1, then a double over its upper half.
.method static wide(JD)D
    .registers 9
    move-wide v0, p0
    long-to-double v3, v0
    move-wide v1, p2
    add-double v1, v1, v3
    return-wide v1
.end method

# One constant: an int, a float and null; and two that meet.
.method static constants(Z)F
    .registers 4
    const/4 v0, 0x0
    if-nez p0, :other
    const/high16 v1, 0x3f800000
    goto :meet
    :other
    move v1, v0
    :meet
    add-int v2, v0, p0
    int-to-float v2, v2
    add-float v1, v1, v2
    add-float v1, v1, v0
    return v1
.end method

.method static data()[S
    .registers 2
    const/4 v0, 0x3
    new-array v0, v0, [S
    fill-array-data v0, :numbers
    return-object v0
    :numbers
    .array-data 2
        0x1s
        -0x2s
        0x7fffs
    .end array-data
.end method

.method static locked(Ljava/lang/Object;)V
    .registers 3
    monitor-enter p0
    :start
    invoke-virtual {p0}, Ljava/lang/Object;->notify()V
    :end
    .catchall {:start .. :end} :any
    monitor-exit p0
    return-void
    :any
    move-exception v0
    :inner
    monitor-exit p0
    :done
    .catchall {:inner .. :done} :any
    throw v0
.end method

.method static dynamic(Ljava/lang/invoke/MethodHandle;I)Ljava/lang/Object;
    .registers 4
    invoke-polymorphic {p0, p1}, Ljava/lang/invoke/MethodHandle;->invokeExact([Ljava/lang/Object;)Ljava/lang/Object;, (I)J
    move-result-wide v0
    invoke-custom {v0, v1}, call_site_0("made", (J)Ljava/lang/Object;, 0x1)@LTricky;->link(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/invoke/MethodType;I)Ljava/lang/invoke/CallSite;
    move-result-object v0
    return-object v0
.end method

# A default method called as such, a static one, and a private one of an interface.
.method static faces(LFace;)V
    .registers 2
    invoke-static {p0}, LFace;->still(LFace;)V
    invoke-interface {p0}, LFace;->given()V
    return-void
.end method

# Another object than the register's type says: the cast that the JVM wants.
.method static cast(ZLjava/lang/Integer;Ljava/lang/String;)I
    .registers 4
    if-eqz p0, :other
    move-object p1, p2
    :other
    check-cast p1, Ljava/lang/CharSequence;
    invoke-interface {p1}, Ljava/lang/CharSequence;->length()I
    move-result v0
    return v0
.end method

# What is new stays so over a jump, under two names.
.method static fresh(I)Ljava/lang/Object;
    .registers 4
    new-instance v0, Ljava/lang/Integer;
    move-object v1, v0
    if-eqz p0, :made
    add-int/lit8 p0, p0, 0x1
    :made
    invoke-direct {v1, p0}, Ljava/lang/Integer;-><init>(I)V
    return-object v0
.end method

.method static switches(I)I
    .registers 2
    packed-switch p0, :near
    sparse-switch p0, :far
    const/4 p0, 0x0
    :one
    return p0
    :two
    const/4 p0, 0x7
    return p0
    :near
    .packed-switch 0x7ffffffe
        :one
        :two
    .end packed-switch
    :far
    .sparse-switch
        -0x80000000 -> :two
        0x5 -> :one
    .end sparse-switch
.end method
